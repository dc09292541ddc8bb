using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.ResumeProbe;

/// <summary>Measures pairs that are not trained on, and says when each batch of them begins.</summary>
internal sealed class HeldOutPairs(MiniMindNetwork network, IReadOnlyList<PreferenceExample> pairs, BatchOptions options) : IValidation
{
    public int Count => pairs.Count;

    public IReadOnlyDictionary<string, double> Measure(CancellationToken cancellation)
    {
        double sum = 0;
        foreach (PreferenceExample[] part in pairs.Chunk(3))
        {
            Report.Happened(RunEvent.EvaluationBatch);
            using DisposeScope scope = NewDisposeScope();
            BatchRows rows = BatchBuilder.Pairs(part, options.Shape, options.HeadOnResponseOnly, options.MaximumLength, options.Padding,
                options.BalanceRealTokensOnly);
            sum -= NetworkScorer.Sums(network, new DeviceBatch(rows, options.Mode, CPU), options.LogitsBudget).sum().item<double>();
            _ = rand(7); // an evaluation that samples must not shift dropout
        }
        return new Dictionary<string, double> { [MetricNames.Loss] = sum };
    }
}
