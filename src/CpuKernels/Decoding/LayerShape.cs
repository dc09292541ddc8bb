namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>What a layer computes with its matrices.</summary>
public sealed record LayerShape
{
    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key-value heads, a divisor of <see cref="Heads"/>.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>D, the width of a head.</summary>
    public required int HeadDim { get; init; }

    /// <summary>How many of a head's first numbers are rotated.</summary>
    public required int RotatedWidth { get; init; }

    /// <summary>By which tables.</summary>
    public required LayerRotation Rotation { get; init; }

    /// <summary>How many tokens, itself the last, a token sees; 0 for all.</summary>
    public required int Window { get; init; }

    /// <summary>The factor of attention's scores.</summary>
    public required float ScoreScale { get; init; }

    /// <summary>Added under the root of norms.</summary>
    public required float Epsilon { get; init; }

    /// <summary>Whether the feed-forward layer's activation is GELU by its hyperbolic tangent; otherwise it is SiLU.</summary>
    public required bool Gelu { get; init; }
}
