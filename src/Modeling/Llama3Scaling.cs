namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>Llama 3's stretch of the rotary embedding to contexts longer than the trained ones (<c>rope_type</c> <c>llama3</c>).</summary>
/// <remarks>Defaults are those of Llama 3.2. Short waves stay, long ones are divided by <see cref="Factor"/>, and those between are blended.</remarks>
public sealed record Llama3Scaling
{
    /// <summary>What the frequencies of long waves are divided by.</summary>
    public double Factor { get; init; } = 32;

    /// <summary>Waves longer than the original context over this are long.</summary>
    public double LowFrequencyFactor { get; init; } = 1;

    /// <summary>Waves shorter than the original context over this are short.</summary>
    public double HighFrequencyFactor { get; init; } = 4;

    /// <summary>The longest context of pre-training, in tokens.</summary>
    public int OriginalMaxPositions { get; init; } = 8192;

    /// <summary>The share of a frequency that is left.</summary>
    /// <param name="frequency">Radians per position.</param>
    /// <returns>Between one over <see cref="Factor"/> and one.</returns>
    internal double ShareOf(double frequency)
    {
        double wave = 2 * Math.PI / frequency;
        if (wave > OriginalMaxPositions / LowFrequencyFactor)
            return 1 / Factor;
        if (wave < OriginalMaxPositions / HighFrequencyFactor)
            return 1;
        double share = (OriginalMaxPositions / wave - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor);
        return (1 - share) / Factor + share;
    }
}
