using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Passes;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Bench.Growth;

/// <summary>
/// Scoring prepared pairs through the transformer, against the bare forward passes of policy and reference over as many rows at once; times are the least of
/// the rounds.
/// </summary>
/// <param name="PairsPerSecond">Through the transformer, in batches of 16.</param>
/// <param name="AgainstForward">Its time over that of the bare passes.</param>
/// <param name="OneByOneAgainstForward">The same where each pair is a batch.</param>
internal sealed record ScoringMeasurement(double PairsPerSecond, double AgainstForward, double OneByOneAgainstForward)
{
    private const int BatchSize = 16;

    public static ScoringMeasurement Of(StepShape shape)
    {
        MLContext context = new(seed: 1);
        ModelConfig config = new() { HiddenSize = shape.Hidden, LayerCount = shape.Layers, VocabularySize = shape.Vocabulary };
        using PretrainedModel model = PretrainedModel.CreateRandom(config, Path.Combine(AppContext.BaseDirectory, "model"), seed: 1);
        torch.set_num_threads(shape.Threads);
        IReadOnlyList<PreferenceExample> pairs = SyntheticPairs.Make(2 * BatchSize, shape.Vocabulary, shape.Prompt, shape.Answer);
        IDataView data = context.Data.LoadFromEnumerable(pairs.Select(PairRow.Of).ToArray());
        DpoTransformer Trained(int batchSize) => new DpoTrainer(context, new DpoTrainer.Options { Model = model, ScoringBatchSize = batchSize })
            .Fit(context.Data.TakeRows(data, 1));
        using DpoTransformer batched = Trained(BatchSize), single = Trained(1);

        Timing transform = new(), oneByOne = new(), forward = new();
        for (int round = -1; round < shape.Rounds; round++)
        {
            transform.Measure(round, 1, () => Read(batched.Transform(data)));
            oneByOne.Measure(round, 1, () => Read(single.Transform(data)));
            forward.Measure(round, 1, () => Forward(model.Network.Network, pairs,
                (int)(PassSize.MostRows(config, DeviceType.CPU) / (shape.Prompt + 2 * shape.Answer))));
        }
        return new ScoringMeasurement(pairs.Count / transform.Seconds, transform.Seconds / forward.Seconds, oneByOne.Seconds / forward.Seconds);
    }

    private static void Read(IDataView scored)
    {
        foreach (float margin in scored.GetColumn<float>("Margin"))
            _ = margin;
    }

    private static void Forward(MiniMindNetwork network, IReadOnlyList<PreferenceExample> pairs, int batchSize)
    {
        foreach (PreferenceExample[] batch in pairs.Chunk(batchSize))
        {
            using DisposeScope scope = torch.NewDisposeScope();
            DeviceBatch rows = new(BatchBuilder.Pairs(batch, BatchShape.PackedWithSharedPrefix, headOnResponseOnly: true, 0, 0, balanceRealTokensOnly: false),
                torch.ScalarType.Float32, torch.CPU);
            for (int pass = 0; pass < 2; pass++)
                NetworkScorer.Sums(network, rows, LogitsSize.FastestMegabytes(network.Config.VocabularySize, DeviceType.CPU) * (1L << 18)).cpu();
        }
    }
}
