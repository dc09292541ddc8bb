using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Heads;

/// <summary>A slice's logits between its forward and its backward pass; its tensors live in the scope in which it is made.</summary>
internal interface IHeadSlice
{
    /// <summary>Log-probability of each label, (m), fp32, nats.</summary>
    Tensor LogProbs { get; }

    /// <summary>
    /// The logarithm of the summed squares of each row's probabilities, (m), fp32, in the current scope; to be asked for before the backward pass.
    /// </summary>
    Tensor Collisions();

    /// <summary>
    /// Runs backward by the closed form, and uses the logits up: of a label's log-probability, the derivative by the logits is the label's one-hot row less the
    /// softmax.
    /// </summary>
    /// <param name="factors">Derivative of the loss by each label's log-probability, (m), fp32.</param>
    /// <param name="weightGradient">(V, hidden), fp32, added to; <see langword="null"/> where the matrix is frozen.</param>
    /// <returns>With respect to the slice's hidden rows, (m, hidden), fp32, in the current scope.</returns>
    Tensor Backward(Tensor factors, Tensor? weightGradient);
}
