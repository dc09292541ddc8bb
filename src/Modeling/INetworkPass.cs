using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>A forward pass whose backward pass is asked for later, from the gradients of what it gave.</summary>
/// <remarks>Its tensors live in the dispose scope in which it is made.</remarks>
internal interface INetworkPass
{
    /// <summary>Normalised hidden states, (N, hidden), cut off from the graph; gradients with respect to it go to <see cref="Backward"/>.</summary>
    Tensor Hidden { get; }

    /// <summary>Sum of the load-balancing losses, a scalar cut off from the graph; <see langword="null"/> for a dense model.</summary>
    Tensor? AuxiliaryLoss { get; }

    /// <summary>Adds to the parameters' gradients; to be called once.</summary>
    /// <param name="hiddenGradient">Gradient of the loss with respect to <see cref="Hidden"/>, (N, hidden).</param>
    /// <param name="auxiliaryWeight">Derivative of the loss with respect to <see cref="AuxiliaryLoss"/>.</param>
    void Backward(Tensor hiddenGradient, double auxiliaryWeight);
}
