using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Bench.MemoryForecast;

/// <summary>A model and a batch to measure.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Config">The model.</param>
/// <param name="BatchSize">Pairs in one forward pass.</param>
/// <param name="Length">Tokens of the longest conversation; half of them are the prompt.</param>
/// <param name="Options">The other options.</param>
internal sealed record BenchShape(string Name, ModelConfig Config, int BatchSize, int Length, ShapeOptions? Options = null)
{
    public static IReadOnlyList<BenchShape> All { get; } =
    [
        new("small", Dense(128, 4), 8, 128),
        new("medium", Dense(256, 6), 4, 256),
        new("large", Dense(512, 8), 4, 512),
        new("large-checkpointing", Dense(512, 8), 8, 512, new ShapeOptions { Checkpointing = true }),
        new("experts", Dense(384, 6) with { Experts = new ExpertsConfig { Count = 4, PerToken = 2, IntermediateSize = 768 } }, 4, 256),
        new("padded", Dense(256, 6), 4, 256, new ShapeOptions { Padded = true }),
        new("bf16", Dense(512, 8), 4, 512, new ShapeOptions { Precision = ComputePrecision.Bf16 }),
        new("window", Dense(256, 6) with { SlidingWindow = 100 }, 4, 512),
        new("gemma", Dense(256, 6) with
        {
            SandwichNorms = true, UnitOffsetNorms = true, ScaledEmbeddings = true, Activation = Activation.GeluTanh, SlidingWindow = 100, GlobalLayers = [5],
            LocalRopeTheta = 1e4,
        }, 4, 512),
        new("gemma-bf16", Dense(256, 6) with
        {
            SandwichNorms = true, UnitOffsetNorms = true, ScaledEmbeddings = true, Activation = Activation.GeluTanh, SlidingWindow = 100, GlobalLayers = [5],
            LocalRopeTheta = 1e4,
        }, 4, 512, new ShapeOptions { Precision = ComputePrecision.Bf16 }),
        new("shared-experts", Dense(384, 6) with
        {
            Experts = new ExpertsConfig { Count = 4, PerToken = 2, IntermediateSize = 768, SharedCount = 1, BalancesSequences = true },
        }, 4, 256),
        new("few-heads", Dense(256, 8) with { KeyValueHeadCount = 8, VocabularySize = 32000 }, 2, 512, new ShapeOptions { MaxLogitsMegabytes = 32 }),
    ];

    private static ModelConfig Dense(int hidden, int layers) => new() { HiddenSize = hidden, LayerCount = layers };
}
