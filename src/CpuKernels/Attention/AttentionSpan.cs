namespace MiniMind.MLNet.Dpo.CpuKernels.Attention;

/// <summary>Which rows of a flat batch form a sequence: own rows, each of which sees all rows of a prefix and the own rows up to itself.</summary>
/// <param name="Start">The first own row.</param>
/// <param name="Own">How many there are.</param>
/// <param name="PrefixStart">The prefix's first row.</param>
/// <param name="Prefix">How many rows it has; 0 for none.</param>
public readonly record struct AttentionSpan(long Start, int Own, long PrefixStart, int Prefix)
{
    /// <summary>Pairs of rows that see each other.</summary>
    internal double Work => Own * (Prefix + (Own + 1) / 2.0);
}
