using System.Text.Json;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Checkpoints;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.ResumeProbe;

/// <summary>Scores pairs that are not trained on every few steps, and remembers the scores and the best weights.</summary>
internal sealed class HeldOutEvaluation(IReadOnlyList<PreferenceExample> pairs, BatchOptions options, int everySteps) : IResumableObserver, IDisposable
{
    public List<double> Losses { get; private set; } = [];

    public long BestStep { get; private set; }

    /// <summary>The weights of the best evaluation, flat.</summary>
    public Tensor Best { get; private set; } = zeros(0);

    public string MemoryName => "held-out";

    public void Stepped(TrainingState state, StepResult step)
    {
        if (state.Step % everySteps != 0) return;
        double sum = 0;
        foreach (PreferenceExample[] part in pairs.Chunk(3))
        {
            Report.Happened(RunEvent.EvaluationBatch);
            using DisposeScope scope = NewDisposeScope();
            BatchRows rows = BatchBuilder.Pairs(part, options.Shape, options.HeadOnResponseOnly, options.MaximumLength, options.Padding, options.BalanceRealTokensOnly);
            sum -= NetworkScorer.Sums(state.Network, new DeviceBatch(rows, options.ComputeType, CPU), options.LogitsBudget).sum().item<float>();
            _ = rand(7); // an evaluation that samples must not shift dropout
        }
        Losses.Add(sum);
        if (sum > Losses.Min()) return;
        BestStep = state.Step;
        Keep(state.Parameters.Values);
    }

    public ObserverMemory Save() => new(JsonSerializer.SerializeToElement(new Memory(Losses, BestStep)), new Dictionary<string, Tensor> { ["best"] = Best });

    public void Load(ObserverMemory memory)
    {
        (Losses, BestStep) = memory.Values.Deserialize<Memory>()!;
        Keep(memory.Tensors["best"]);
    }

    public void Dispose() => Best.Dispose();

    private void Keep(Tensor weights)
    {
        Best.Dispose();
        Best = weights.clone().DetachFromDisposeScope();
    }

    private sealed record Memory(List<double> Losses, long BestStep);
}
