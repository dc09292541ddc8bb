namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>LongRoPE's division of every rotary frequency by a factor of its own (Ding et al. 2024, arXiv 2402.13753), as Phi uses it.</summary>
/// <remarks>
/// There are two lists, for sequences within the original context and for longer ones. Which one holds is a sequence's own matter, whatever else is in a batch;
/// sequences that share a prefix go by the longest of them. A key that was cached under the one does not fit the other.
/// </remarks>
public sealed record LongRopeScaling
{
    private readonly ValueList<double> _short, _long;

    /// <summary>Divisors of the frequencies within the original context (<c>short_factor</c>), one for each.</summary>
    public required IReadOnlyList<double> ShortFactors { get => _short.Items!; init => _short = new ValueList<double>(value); }

    /// <summary>Divisors of the frequencies beyond it (<c>long_factor</c>).</summary>
    public required IReadOnlyList<double> LongFactors { get => _long.Items!; init => _long = new ValueList<double>(value); }

    /// <summary>The longest sequence that the short factors are for, in tokens.</summary>
    public required int OriginalMaxPositions { get; init; }

    /// <summary>The factor on cosines and sines.</summary>
    public double AttentionFactor { get; init; } = 1;
}
