using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Weights.Families;

/// <summary>The parts that a network has besides those of MiniMind, Qwen3 and Llama.</summary>
internal static class ConfigParts
{
    /// <summary>Parts that models of every Hugging Face type may have.</summary>
    public static IReadOnlyList<string> OfAnyType { get; } = [nameof(ModelConfig.Llama3Scaling)];

    /// <summary>The names of the parts that a configuration asks for.</summary>
    public static IEnumerable<string> Of(ModelConfig config) => new (string Name, bool IsThere)[]
    {
        (nameof(ModelConfig.QkvBias), config.QkvBias),
        (nameof(ModelConfig.Llama3Scaling), config.Llama3Scaling is not null),
        (nameof(ModelConfig.LongRopeScaling), config.LongRopeScaling is not null),
        (nameof(ModelConfig.LinearRopeFactor), config.LinearRopeFactor != 0),
        (nameof(ModelConfig.RotaryDim), config.RotaryDim != 0 && config.RotaryDim != config.HeadDim),
        (nameof(ModelConfig.UnrotatedLayers), config.UnrotatedLayers is { Count: > 0 }),
        (nameof(ModelConfig.SlidingWindow), config.SlidingWindow is not null),
        (nameof(ModelConfig.GlobalLayers), config.GlobalLayers is { Count: > 0 }),
        (nameof(ModelConfig.LocalRopeTheta), config.LocalRopeTheta is not null),
        (nameof(ModelConfig.Activation), config.Activation != Activation.Silu),
        (nameof(ModelConfig.UnitOffsetNorms), config.UnitOffsetNorms),
        (nameof(ModelConfig.SandwichNorms), config.SandwichNorms),
        (nameof(ModelConfig.ScaledEmbeddings), config.ScaledEmbeddings),
        (nameof(ModelConfig.QueryPreAttentionScalar), config.QueryPreAttentionScalar is not null),
    }.Where(part => part.IsThere).Select(part => part.Name);
}
