using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>One decoder layer between its forward and its backward pass.</summary>
internal interface ILayerPass
{
    /// <summary>(N, hidden), fp32.</summary>
    Tensor Output { get; }

    /// <summary>The layer's load-balancing loss, a scalar; <see langword="null"/> where it has none.</summary>
    Tensor? AuxiliaryLoss { get; }

    /// <summary>Adds to the parameters' gradients, and frees what the forward pass left; to be called once.</summary>
    /// <param name="gradient">Of the loss with respect to <see cref="Output"/>, (N, hidden), fp32; it stays the caller's.</param>
    /// <param name="auxiliaryWeight">Derivative of the loss with respect to <see cref="AuxiliaryLoss"/>.</param>
    /// <returns>With respect to the layer's input, (N, hidden), fp32, in the current scope.</returns>
    Tensor Backward(Tensor gradient, double auxiliaryWeight);
}
