namespace MiniMind.MLNet.Dpo.Tests.Architecture;

/// <summary>A method of a compiled library, and what its code calls, makes or takes the address of.</summary>
/// <param name="Type">The type that declares it, such as <c>TorchSharp.torch+Tensor</c>.</param>
/// <param name="Name">Such as <c>mul</c>, or <c>.ctor</c>.</param>
/// <param name="Signature">Parameter types in parentheses and the result's type, such as <c>(TorchSharp.Scalar)TorchSharp.torch+Tensor</c>.</param>
/// <param name="Calls">Methods by <see cref="FullName"/>, in the code's order; generic arguments are left out.</param>
internal sealed record CompiledMethod(string Type, string Name, string Signature, IReadOnlyList<string> Calls)
{
    /// <summary>Names the method uniquely.</summary>
    public string FullName => $"{Type}::{Name}{Signature}";
}
