using System.Text.Json;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Guards;

/// <summary>
/// A copy of weights and optimizer, taken now and then at measurements that every guard let pass. Stands behind the guards in a run's observers.
/// </summary>
/// <param name="everySteps">Steps between two copies.</param>
internal sealed class RollBackPoint(int everySteps) : IResumableObserver, IDisposable
{
    private const string Weights = "weights", OptimizerPrefix = "optimizer.";
    private readonly Dictionary<string, Tensor> _optimizer = [];
    private WeightSnapshot? _weights;
    private long _optimizerSteps;
    private GradientScalerState? _scaler;

    /// <summary>Finished steps when the copy was made.</summary>
    public long Step => _weights?.Step ?? 0;

    /// <inheritdoc />
    public string MemoryName => "roll-back point";

    public void Started(TrainingState state)
    {
        if (_weights is null)
            Take(state);
    }

    public void Measured(TrainingState state, TrainingPoint point)
    {
        if (state.StopReason is null && point.Step - Step >= everySteps)
            Take(state);
    }

    /// <summary>Goes back.</summary>
    public void Restore(TrainingState state)
    {
        if (_weights is null)
            return; // before the first step nothing has been trained
        _weights.Restore(state.Parameters);
        state.Optimizer.LoadState(_optimizer, _optimizerSteps);
        if (state.Scaler is { } scaler && _scaler is { } saved)
            scaler.State = saved;
        state.Parameters.ZeroGradients();
        state.Step = Step;
    }

    /// <inheritdoc />
    public ObserverMemory Save()
    {
        Dictionary<string, Tensor> tensors = _optimizer.ToDictionary(entry => OptimizerPrefix + entry.Key, entry => entry.Value);
        tensors.Add(Weights, _weights!.Values);
        return new(JsonSerializer.SerializeToElement(new Memory(Step, _optimizerSteps, _scaler)), tensors);
    }

    /// <inheritdoc />
    public void Load(ObserverMemory memory)
    {
        Dispose();
        _optimizer.Clear();
        (long step, _optimizerSteps, _scaler) = memory.Values.Deserialize<Memory>()!;
        _weights = new WeightSnapshot(step, memory.Tensors[Weights]);
        foreach ((string name, Tensor tensor) in memory.Tensors)
        {
            if (name.StartsWith(OptimizerPrefix, StringComparison.Ordinal))
                _optimizer.Add(name[OptimizerPrefix.Length..], tensor.clone().DetachFromDisposeScope());
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _weights?.Dispose();
        foreach (Tensor tensor in _optimizer.Values)
            tensor.Dispose();
    }

    private void Take(TrainingState state)
    {
        using DisposeScope scope = NewDisposeScope();
        if (_weights is null)
            _weights = new WeightSnapshot(state.Step, state.Parameters);
        else
            _weights.Take(state.Step, state.Parameters);
        foreach ((string name, Tensor tensor) in state.Optimizer.State)
        {
            if (!_optimizer.TryGetValue(name, out Tensor? copy))
                _optimizer.Add(name, copy = empty_like(tensor, device: CPU).DetachFromDisposeScope());
            copy.copy_(tensor);
        }
        (_optimizerSteps, _scaler) = (state.Optimizer.StepCount, state.Scaler?.State);
    }

    private sealed record Memory(long Step, long OptimizerSteps, GradientScalerState? Scaler);
}
