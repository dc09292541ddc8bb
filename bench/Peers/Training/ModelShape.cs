using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Bench.Peers.Training;

/// <summary>A model as all sides make it.</summary>
internal sealed record ModelShape(
    int Vocabulary, int Hidden, int Layers, int Heads, int KeyValueHeads, int HeadDim, int Intermediate, double Epsilon, double RopeTheta, int MaxPositions,
    int Experts, int PerToken, int ExpertWidth, bool NormalizeTopK, double Balance)
{
    /// <summary>The shape of a configuration.</summary>
    public static ModelShape Of(ModelConfig config) => new(
        config.VocabularySize, config.HiddenSize, config.LayerCount, config.HeadCount, config.KeyValueHeadCount, config.HeadDim, config.IntermediateSize,
        config.RmsNormEpsilon, config.RopeTheta, config.MaxPositions, config.Experts?.Count ?? 0, config.Experts?.PerToken ?? 0,
        config.Experts?.IntermediateSize ?? 0, config.Experts?.NormalizeTopK ?? false, config.Experts?.AuxLossCoefficient ?? 0);

    /// <summary>The library's configuration of it.</summary>
    public ModelConfig Config() => new()
    {
        VocabularySize = Vocabulary, HiddenSize = Hidden, LayerCount = Layers, HeadCount = Heads, KeyValueHeadCount = KeyValueHeads, HeadDim = HeadDim,
        IntermediateSize = Intermediate, RmsNormEpsilon = Epsilon, RopeTheta = RopeTheta, MaxPositions = MaxPositions,
        Experts = Experts == 0 ? null : new ExpertsConfig
        {
            Count = Experts, PerToken = PerToken, IntermediateSize = ExpertWidth, NormalizeTopK = NormalizeTopK, AuxLossCoefficient = Balance,
        },
    };
}
