using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>Updates the values of <see cref="FlatParameters"/> from their gradients.</summary>
internal interface IOptimizer : IDisposable
{
    /// <summary>The name that checkpoints and logs use.</summary>
    string Name { get; }

    /// <summary>How many steps were taken, those before a <see cref="LoadState"/> included.</summary>
    long StepCount { get; }

    /// <summary>
    /// What the optimizer remembers between steps, under torch's names: fp32, one dimension, laid out as <see cref="FlatParameters.Values"/>. Owned by the
    /// optimizer.
    /// </summary>
    IReadOnlyDictionary<string, Tensor> State { get; }

    /// <summary>Takes one step.</summary>
    /// <param name="learningRate">This step's learning rate; not negative.</param>
    /// <param name="gradientScale">A factor for all gradients (clipping, unscaling), applied in the same pass; the stored gradients stay unscaled.</param>
    /// <param name="zeroGradients">Sets the gradients to zero in the same pass.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is not finite, or the learning rate is negative; nothing was changed.</exception>
    /// <exception cref="InvalidOperationException">A parameter or its gradient is no longer a view of the flat buffers; nothing was changed.</exception>
    void Step(double learningRate, double gradientScale = 1.0, bool zeroGradients = false);

    /// <summary>Copies a state in, so that the next step is the one after <paramref name="stepCount"/>.</summary>
    /// <param name="state">Tensors as <see cref="State"/> gave them, on any device; they stay the caller's.</param>
    /// <param name="stepCount">The steps taken when the state was saved.</param>
    /// <exception cref="ArgumentException">Names or lengths differ; the message lists every difference. Nothing was changed.</exception>
    void LoadState(IReadOnlyDictionary<string, Tensor> state, long stepCount);
}
