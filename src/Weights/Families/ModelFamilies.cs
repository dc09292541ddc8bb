using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Weights.Families;

/// <summary>The families that are known besides MiniMind, Qwen3 and Llama.</summary>
internal static class ModelFamilies
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ModelFamily> All { get; } = [new Qwen2Family(), new MistralFamily(), new SmolLm3Family(), new Gemma3Family(), new Phi3Family()];

    /// <summary>The family of a <c>model_type</c>, where it is known.</summary>
    public static ModelFamily? Find(string? modelType) => All.FirstOrDefault(family => family.ModelType == modelType);

    /// <summary>
    /// The family that a model is saved as: that of its <see cref="ModelConfig.ModelType"/>, or else the first whose parts it has; <see langword="null"/>
    /// for MiniMind, Qwen3 and Llama, and for none.
    /// </summary>
    public static ModelFamily? Of(ModelConfig config) => config.ModelType is { } type
        ? Find(type)
        : ConfigParts.Of(config).Except(ConfigParts.OfAnyType).Any() ? All.FirstOrDefault(family => family.Obstacle(config) is null) : null;
}
