using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Bench.Lora;

/// <summary>A model and a batch whose steps are measured.</summary>
/// <param name="Name">What the command line calls it.</param>
/// <param name="Config">The model.</param>
/// <param name="BatchSize">Pairs in one step.</param>
/// <param name="Length">Tokens of the longest conversation; half of them are the prompt.</param>
internal sealed record StepShape(string Name, ModelConfig Config, int BatchSize, int Length)
{
    /// <summary>The shapes; the first is the default.</summary>
    public static IReadOnlyList<StepShape> All { get; } =
    [
        new("small", new ModelConfig { HiddenSize = 256, LayerCount = 6 }, 4, 256),
        new("768x8", new ModelConfig(), 4, 512),
        new("1024x24", new ModelConfig
        {
            VocabularySize = 151_936, HiddenSize = 1024, LayerCount = 24, HeadCount = 16, KeyValueHeadCount = 8, HeadDim = 128, IntermediateSize = 3072,
                MaxPositions = 4096,
        }, 1, 512),
    ];
}
