using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>An argument of a <see cref="LibtorchCall"/>, in the order and of the type that the operation's schema names.</summary>
public readonly unsafe struct LibtorchValue
{
    private readonly Tensor? _tensor;
    private readonly ulong _bits;
    private readonly Kind _kind;

    private LibtorchValue(Kind kind, Tensor? tensor = null, ulong bits = 0) => (_kind, _tensor, _bits) = (kind, tensor, bits);

    private enum Kind
    {
        None,
        Tensor,
        OptionalTensor,
        TensorList,
        Bits,
        OptionalBits,
    }

    /// <summary>An optional argument that is not given.</summary>
    public static LibtorchValue None => default;

    /// <summary>A tensor.</summary>
    public static LibtorchValue Of(Tensor tensor) => new(Kind.Tensor, tensor);

    /// <summary>A whole number.</summary>
    public static LibtorchValue Of(long number) => new(Kind.Bits, bits: unchecked((ulong)number));

    /// <summary>A floating-point number.</summary>
    public static LibtorchValue Of(double number) => new(Kind.Bits, bits: BitConverter.DoubleToUInt64Bits(number));

    /// <summary>Yes or no.</summary>
    public static LibtorchValue Of(bool flag) => new(Kind.Bits, bits: flag ? 1UL : 0);

    /// <summary>A tensor where the schema says that it may be missing.</summary>
    public static LibtorchValue Optional(Tensor tensor) => new(Kind.OptionalTensor, tensor);

    /// <summary>A whole number where the schema says that it may be missing.</summary>
    public static LibtorchValue Optional(long number) => new(Kind.OptionalBits, bits: unchecked((ulong)number));

    /// <summary>A floating-point number where the schema says that it may be missing.</summary>
    internal static LibtorchValue Optional(double number) => new(Kind.OptionalBits, bits: BitConverter.DoubleToUInt64Bits(number));

    /// <summary>A list of one tensor, or of none.</summary>
    public static LibtorchValue List(Tensor? only) => new(Kind.TensorList, only);

    /// <summary>The slot on the call's stack; what it points to is the callee's, which frees it.</summary>
    internal ulong ToSlot() => _kind switch
    {
        Kind.Tensor => Handle(_tensor!),
        Kind.OptionalTensor => Boxed(Handle(_tensor!)),
        Kind.TensorList => NewList(_tensor),
        Kind.Bits => _bits,
        Kind.OptionalBits => Boxed(_bits),
        _ => 0,
    };

    /// <summary>A handle of its own to the same tensor.</summary>
    private static ulong Handle(Tensor tensor)
    {
        Check(LibtorchCall.NewTensorHandle(tensor.Handle, out nint handle));
        GC.KeepAlive(tensor); // until here: libtorch has only its address
        return (ulong)handle;
    }

    /// <summary>A slot behind a pointer, as libtorch's C interface hands optional values over; C++ frees it with <c>delete</c>, which is <c>free</c>.</summary>
    private static ulong Boxed(ulong slot)
    {
        ulong* box = (ulong*)NativeMemory.Alloc(sizeof(ulong));
        *box = slot;
        return (ulong)box;
    }

    private static ulong NewList(Tensor? only)
    {
        Check(LibtorchCall.NewList(only is null ? 0 : 1, out nint list));
        if (only is not null)
            Check(LibtorchCall.PushBack(list, Handle(only)));
        return (ulong)list;
    }

    private static void Check(int error)
    {
        if (error != 0)
            throw new ExternalException($"libtorch could not take an argument (code {error}); out of memory, as a rule.");
    }
}
