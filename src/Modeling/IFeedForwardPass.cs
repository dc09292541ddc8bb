using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>The feed-forward part of a fused layer between its forward and its backward pass.</summary>
internal interface IFeedForwardPass : IDisposable
{
    /// <summary>(N, hidden), fp32 or in the compute type; who takes it frees it.</summary>
    Tensor Output { get; }

    /// <summary>The part's load-balancing loss, a scalar; <see langword="null"/> where it has none.</summary>
    Tensor? AuxiliaryLoss { get; }

    /// <summary>Adds to the parameters' gradients; to be called once.</summary>
    /// <param name="gradient">Of the loss with respect to <see cref="Output"/>, (N, hidden), in the compute type.</param>
    /// <param name="rows">What the forward pass was given, (N, hidden), in the compute type.</param>
    /// <param name="auxiliaryWeight">Derivative of the loss with respect to <see cref="AuxiliaryLoss"/>.</param>
    /// <returns>Parts whose sum is the gradient with respect to the rows, one or two, (N, hidden) each in the compute type, in the current scope.</returns>
    Tensor[] Backward(Tensor gradient, Tensor rows, double auxiliaryWeight);
}
