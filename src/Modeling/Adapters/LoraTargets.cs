namespace MiniMind.MLNet.Dpo;

/// <summary>Which linear layers of a decoder layer get low-rank matrices.</summary>
public sealed record LoraTargets
{
    private static readonly string[] s_all = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    private LoraTargets(IReadOnlyList<string> names) => Names = names;

    /// <summary>All of attention and of the feed-forward layer, of experts' too; not the router of experts.</summary>
    public static LoraTargets AllLinear { get; } = new(s_all);

    /// <summary>The four of attention.</summary>
    public static LoraTargets Attention { get; } = new(s_all[..4]);

    /// <summary>The ends of the layers' names, such as <c>q_proj</c>.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Those with the given ends of their names.</summary>
    /// <param name="names">Such as <c>q_proj</c>, <c>v_proj</c>; <c>gate</c> is the router of experts.</param>
    public static LoraTargets Named(params IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        return new([.. names]);
    }

    /// <inheritdoc />
    public bool Equals(LoraTargets? other) => other is not null && Names.SequenceEqual(other.Names);

    /// <inheritdoc />
    public override int GetHashCode() => Names.Aggregate(0, HashCode.Combine);

    /// <inheritdoc />
    public override string ToString() => string.Join(", ", Names);
}
