using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Validation;

/// <summary>A copy of all weights at one step, in the CPU's memory.</summary>
internal sealed class WeightSnapshot : IDisposable
{
    /// <summary>Copies the weights.</summary>
    public WeightSnapshot(long step, FlatParameters parameters)
    {
        using DisposeScope scope = NewDisposeScope();
        Values = empty_like(parameters.Values, device: CPU).DetachFromDisposeScope();
        Take(step, parameters);
    }

    /// <summary>Copies a copy.</summary>
    public WeightSnapshot(long step, Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        (Step, Values) = (step, values.clone().DetachFromDisposeScope());
    }

    /// <summary>Finished steps when the copy was made.</summary>
    public long Step { get; private set; }

    /// <summary>The weights, laid out as <see cref="FlatParameters.Values"/>; owned by this object.</summary>
    public Tensor Values { get; }

    /// <summary>Replaces the copy by the weights as they are now.</summary>
    public void Take(long step, FlatParameters parameters)
    {
        using DisposeScope scope = NewDisposeScope();
        Values.copy_(parameters.Values);
        Step = step;
    }

    /// <summary>Puts the copy back.</summary>
    public void Restore(FlatParameters parameters)
    {
        using DisposeScope scope = NewDisposeScope();
        parameters.Values.copy_(Values);
    }

    /// <inheritdoc />
    public void Dispose() => Values.Dispose();
}
