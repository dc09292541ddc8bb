using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Weights;
using MiniMind.MLNet.Dpo.Weights.Adapters;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Checkpoints;

/// <summary>Brings a run's state to where a checkpoint left it.</summary>
/// <param name="path">The checkpoint, whose files were checked.</param>
/// <param name="content">Its state.</param>
internal sealed class StateRestorer(string path, CheckpointContent content)
{
    /// <summary>Changes the state.</summary>
    /// <param name="state">A run before its first step.</param>
    /// <param name="observers">Those of the run; the ones with a memory in the checkpoint get it back.</param>
    /// <param name="warn">Told what of the checkpoint cannot be used, which happens only where the run's options differ.</param>
    /// <exception cref="InvalidOperationException">It holds other weights than those that this run trains.</exception>
    /// <exception cref="WeightFileException">The run's weights were not finite when it was kept.</exception>
    public void Restore(TrainingState state, IEnumerable<ITrainingObserver> observers, Action<string> warn)
    {
        RestoreWeights(state);
        RestoreOptimizer(state, warn);
        if (state.Scaler is not null && content.Scaler is not null)
            state.Scaler.State = content.Scaler;
        if (content.Partial.All(rank => rank.Sums.Length == 0 || rank.Sums.Length == state.Task.MetricNames.Count) && content.Partial.Count > 0)
        {
            state.Metrics.Load(content.Partial.Count == state.Communicator.Size ? content.Partial[state.Communicator.Rank]
                : OfOtherRanks(state.Communicator.Rank));
        }

        RestoreObservers(observers);
        state.History.AddRange(content.History);
        state.Evaluations.AddRange(content.Evaluations);
        state.Warnings.AddRange(content.Warnings);
        state.Step = content.Step;
        state.EarlierTime = state.Elapsed = content.Elapsed;
    }

    private void RestoreWeights(TrainingState state)
    {
        LowRankAdapter? adapter = state.Network.Adapter;
        string name = adapter is null ? CheckpointFiles.Weights : PeftFolder.TensorsName;
        if (!content.Files.ContainsKey(name))
        {
            throw new InvalidOperationException(adapter is null
                ? $"The checkpoint '{path}' holds an adapter, and this run trains the model's own weights. Give this run a folder of its own."
                : $"The checkpoint '{path}' holds the model's own weights, and this run trains an adapter. Give this run a folder of its own.");
        }

        using SafetensorsReader weights = SafetensorsReader.Open(Path.Combine(path, name));
        Dictionary<string, Tensor> parameters = adapter is null
            ? state.Network.named_parameters().ToDictionary(p => p.name, Tensor (p) => p.parameter) : PeftFolder.Tensors(adapter).ToDictionary();
        StateDictLoader.Load(
            weights, parameters, adapter is null && state.Network.Config.TieWordEmbeddings,
            advice: "The run had diverged when this was kept: delete this checkpoint to go on from the one before, or begin anew with a smaller learning rate");
    }

    // sums over the ranks are all that is read of them: the first takes all, the others add nothing
    private PartialMetrics OfOtherRanks(int rank)
    {
        PartialMetrics first = content.Partial[0];
        double[] sums = new double[first.Sums.Length];
        if (rank == 0)
        {
            foreach (PartialMetrics part in content.Partial)
            {
                for (int i = 0; i < sums.Length; i++)
                    sums[i] += part.Sums[i];
            }
        }
        return first with { Sums = sums, Rows = rank == 0 ? content.Partial.Sum(part => part.Rows) : 0 };
    }

    private void RestoreOptimizer(TrainingState state, Action<string> warn)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> moments = ReadAll(CheckpointFiles.Optimizer);
        if (content.Optimizer != state.Optimizer.Name || !moments.Keys.ToHashSet().SetEquals(state.Optimizer.State.Keys))
        {
            warn($"The checkpoint's {content.Optimizer} state ({string.Join(", ", moments.Keys)}) does not fit this run's {state.Optimizer.Name}, which " +
                "starts without one.");
        }
        else
        {
            state.Optimizer.LoadState(moments, content.OptimizerSteps);
        }
    }

    private void RestoreObservers(IEnumerable<ITrainingObserver> observers)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors = content.Files.ContainsKey(CheckpointFiles.Observers) ? ReadAll(CheckpointFiles.Observers) : [];
        foreach (IResumableObserver observer in observers.OfType<IResumableObserver>())
        {
            if (!content.Observers.TryGetValue(observer.MemoryName, out JsonElement values))
                continue;
            string prefix = observer.MemoryName + "/";
            observer.Load(
                new ObserverMemory(values, tensors.Where(t => t.Key.StartsWith(prefix, StringComparison.Ordinal))
                .ToDictionary(t => t.Key[prefix.Length..], t => t.Value)));
        }
    }

    private Dictionary<string, Tensor> ReadAll(string name)
    {
        using SafetensorsReader file = SafetensorsReader.Open(Path.Combine(path, name));
        Dictionary<string, Tensor> tensors = [];
        foreach ((string key, WeightView view) in file.Tensors)
        {
            tensors[key] = empty(view.Shape, ScalarType.Float32);
            view.CopyTo(tensors[key]);
        }
        return tensors;
    }
}
