using System.Runtime.Intrinsics;
using MiniMind.MLNet.Dpo.CpuKernels;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>
/// What optimizers share: checked arguments, the count of steps, the state, and the choice between one fused pass (CPU) and whole-buffer operations (other
/// devices).
/// </summary>
internal abstract class FlatOptimizer : IOptimizer
{
    private readonly bool _fused;
    private readonly OptimizerState _state;

    /// <summary>Allocates the state.</summary>
    /// <param name="parameters">What to update; stays the caller's and must outlive the optimizer.</param>
    /// <param name="fused">Whether to run fused vector passes; <see langword="null"/> does on the CPU and nowhere else.</param>
    /// <param name="stateNames">The buffers to remember between steps.</param>
    protected FlatOptimizer(FlatParameters parameters, bool? fused, params IEnumerable<string> stateNames)
    {
        Parameters = parameters;
        _fused = fused ?? parameters.OnCpu;
        _state = new OptimizerState(parameters, stateNames);
    }

    /// <inheritdoc />
    public abstract string Name { get; }

    /// <inheritdoc />
    public long StepCount { get; private set; }

    /// <inheritdoc />
    public IReadOnlyDictionary<string, Tensor> State => _state.Tensors;

    /// <summary>What is updated.</summary>
    protected FlatParameters Parameters { get; }

    /// <inheritdoc />
    public void Step(double learningRate, double gradientScale = 1.0, bool zeroGradients = false)
    {
        if (!double.IsFinite(learningRate) || learningRate < 0)
            throw new ArgumentOutOfRangeException(nameof(learningRate), learningRate, "The learning rate must be finite and not negative.");
        if (!double.IsFinite(gradientScale))
        {
            throw new ArgumentOutOfRangeException(nameof(gradientScale), gradientScale,
                "The gradient scale must be finite; where the gradients are not, skip the step.");
        }

        Parameters.EnsureBound();
        StepCount++;

        if (_fused)
        {
            Action<FlatRange> update = FusedUpdate(learningRate, gradientScale);
            HostThreads.Run(Parameters.Pieces.Count, Parameters.Threads, (index, _) =>
            {
                FlatRange piece = Parameters.Pieces[index];
                update(piece);
                if (zeroGradients)
                    Parameters.GradientVectors(piece).Clear(); // still in the cache
            });
            return;
        }
        using (DisposeScope scope = NewDisposeScope())
            UpdateWhole(learningRate, gradientScale);
        if (zeroGradients)
            Parameters.ZeroGradients();
    }

    /// <inheritdoc />
    public void LoadState(IReadOnlyDictionary<string, Tensor> state, long stepCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stepCount);
        _state.Load(Name, state);
        StepCount = stepCount;
    }

    /// <inheritdoc />
    public void Dispose() => _state.Dispose();

    /// <summary>This step's update of one piece in one pass over its memory.</summary>
    protected abstract Action<FlatRange> FusedUpdate(double learningRate, double gradientScale);

    /// <summary>This step's update as operations on whole tensors; runs in a scope of its own.</summary>
    protected abstract void UpdateWhole(double learningRate, double gradientScale);

    /// <summary>A range of a state buffer as vectors; CPU only.</summary>
    protected Span<Vector512<float>> StateVectors(string name, FlatRange range) => _state.Vectors(name, range);

    /// <summary>The gradients scaled, with weight decay added as an L2 penalty's gradient where it applies; in the current scope.</summary>
    protected Tensor PenalizedGradients(double gradientScale, double weightDecay)
    {
        Tensor gradients = Parameters.Gradients.Mul(gradientScale);
        if (weightDecay == 0)
            return gradients;
        foreach (FlatRange range in Parameters.Ranges.Where(range => range.Decays))
            gradients.narrow(0, range.Start, range.Length).AddInPlace(Parameters.Values.narrow(0, range.Start, range.Length), alpha: weightDecay);
        return gradients;
    }
}
