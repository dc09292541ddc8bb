namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>YaRN's stretch of the rotary embedding to contexts longer than the trained ones (Peng et al. 2023, arXiv 2309.00071).</summary>
/// <remarks>Defaults are those of MiniMind's <c>inference_rope_scaling</c>.</remarks>
public sealed record YarnScaling
{
    /// <summary>How many times longer than <see cref="OriginalMaxPositions"/> the context becomes.</summary>
    public double Factor { get; init; } = 16;

    /// <summary>The longest context of pre-training, in tokens.</summary>
    public int OriginalMaxPositions { get; init; } = 2048;

    /// <summary>Rotations over the original context above which a frequency is kept.</summary>
    public double BetaFast { get; init; } = 32;

    /// <summary>Rotations over the original context below which a frequency is divided by <see cref="Factor"/>.</summary>
    public double BetaSlow { get; init; } = 1;

    /// <summary>The factor on cosines and sines.</summary>
    public double AttentionFactor { get; init; } = 1;
}
