namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>Empty think blocks, which MiniMind's and Qwen3's templates put before answers that come without reasoning.</summary>
/// <remarks>
/// MiniMind's post_processing_chat removes them from four of five texts by chance, from each side for itself, so that a pair's sides
/// can differ in nothing but the block. Here chance decides once for a pair: by the seed and the pair's key, whatever the side and the pass.
/// </remarks>
internal static class ThinkBlocks
{
    /// <summary>What begins a think block.</summary>
    public const string Opening = "<think>";

    /// <summary>A think block with nothing in it, and the empty line after it.</summary>
    public const string Empty = Opening + "\n\n</think>\n\n";

    /// <summary>The share of pairs that keep their empty think blocks in MiniMind's data loading.</summary>
    public const double MiniMindRatio = 0.2;

    /// <summary>Whether a pair keeps its empty think blocks.</summary>
    /// <param name="ratio">The share of pairs that do, from 0 (none) to 1 (all).</param>
    /// <param name="seed">The seed.</param>
    /// <param name="pairKey">What tells the pair from others: the same for both sides and in every pass.</param>
    public static bool Keeps(double ratio, int seed, ulong pairKey)
    {
        if (double.IsNaN(ratio) || ratio is < 0 or > 1)
            throw new ArgumentOutOfRangeException(nameof(ratio), ratio, "the share of pairs that keep their empty think blocks lies between 0 and 1");
        return Uniform((ulong)(uint)seed << 32 ^ Mixed(pairKey)) < ratio;
    }

    /// <summary>The text, without empty think blocks unless the pair keeps them.</summary>
    public static string Apply(string text, bool keeps) => keeps ? text : text.Replace(Empty, "", StringComparison.Ordinal);

    /// <summary>A number from 0 to below 1 that looks drawn by chance but depends on the state alone.</summary>
    private static double Uniform(ulong state) => (Mixed(state) >> 11) * (1.0 / (1UL << 53));

    /// <summary>The SplitMix64 step (Steele, Lea, Flood 2014), which scatters neighbouring keys.</summary>
    private static ulong Mixed(ulong state)
    {
        unchecked
        {
            state += 0x9E3779B97F4A7C15;
            state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            state = (state ^ (state >> 27)) * 0x94D049BB133111EB;
            return state ^ (state >> 31);
        }
    }
}
