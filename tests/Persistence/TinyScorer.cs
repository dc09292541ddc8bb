using Microsoft.ML;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;
using MiniMind.MLNet.Dpo.Training;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Persistence;

/// <summary>An untrained scorer of a few thousand weights: a model file of a few kilobytes.</summary>
internal static class TinyScorer
{
    public static ModelConfig Config => new()
    {
        VocabularySize = SmallChat.Tokenizer.VocabularySize, HiddenSize = 4, LayerCount = 1, HeadCount = 2, KeyValueHeadCount = 1, IntermediateSize = 4,
        MaxPositions = 64,
    };

    public static DpoTransformer Create(bool withReference = true, params TrainingPoint[] history)
    {
        ScoringOptions options = new()
        {
            Beta = 0.5, Reduction = LogProbReduction.Mean, BatchSize = 4, MaxLogitsMegabytes = 64, Precision = ComputePrecision.Fp32, ReferenceFree = false,
            InputColumns = new PairColumns(), ScoreColumns = new ScoreColumns(),
        };
        TrainingSummary summary = new()
        {
            Examples = 3, Skipped = [new SkippedPair(7, "both sides are the same")], BadRows = null, Steps = 2, History = history, StopReason = "cancelled",
            Elapsed = TimeSpan.FromSeconds(1.5), Precision = ComputePrecision.Fp32, Device = "cpu",
        };
        return new DpoTransformer(Network(1), withReference ? Network(2) : null, SmallChat.Tokenizer, SmallChat.Template, options, summary);
    }

    /// <summary>The file that ML.NET writes of a transformer.</summary>
    public static byte[] Save(MLContext context, ITransformer transformer)
    {
        using MemoryStream file = new();
        context.Model.Save(transformer, inputSchema: null, file);
        return file.ToArray();
    }

    private static SharedNetwork Network(ulong seed)
    {
        MiniMindNetwork network = new(Config);
        using Generator random = new(seed);
        network.Initialize(random, deviation: 0.5);
        return new SharedNetwork(network);
    }
}
