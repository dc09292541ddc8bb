namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>LongRoPE's division of every rotary frequency by a factor of its own (Ding et al. 2024, arXiv 2402.13753), as Phi uses it.</summary>
/// <remarks>
/// There are two lists, for sequences within the original context and for longer ones; a key that was cached under the one does not fit the other.
/// The network computes with the short factors, and so up to the original context; the long ones are kept for saving.
/// </remarks>
public sealed record LongRopeScaling
{
    private readonly ValueList<double> _short, _long;

    /// <summary>Divisors of the frequencies within the original context (<c>short_factor</c>), one for each.</summary>
    public required IReadOnlyList<double> ShortFactors { get => _short.Items!; init => _short = new ValueList<double>(value); }

    /// <summary>Divisors of the frequencies beyond it (<c>long_factor</c>).</summary>
    public required IReadOnlyList<double> LongFactors { get => _long.Items!; init => _long = new ValueList<double>(value); }

    /// <summary>The context that the long factors reach to (<c>max_position_embeddings</c>), in tokens.</summary>
    public required int ExtendedMaxPositions { get; init; }

    /// <summary>The factor on cosines and sines.</summary>
    public double AttentionFactor { get; init; } = 1;
}
