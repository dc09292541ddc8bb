namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>A layer's packed matrices, and what its norms multiply by, (1, width) each.</summary>
public sealed record LayerMatrices : IDisposable
{
    /// <summary>The norm before attention.</summary>
    public required FloatRows InputNorm { get; init; }

    /// <summary>(heads * D, hidden).</summary>
    public required PackedMatrix Query { get; init; }

    /// <summary>(key-value heads * D, hidden).</summary>
    public required PackedMatrix Key { get; init; }

    /// <summary>(key-value heads * D, hidden).</summary>
    public required PackedMatrix Value { get; init; }

    /// <summary>(hidden, heads * D).</summary>
    public required PackedMatrix Output { get; init; }

    /// <summary>The queries' norm per head, (1, D), where there is one.</summary>
    public FloatRows? QueryNorm { get; init; }

    /// <summary>The keys' norm per head, (1, D), where there is one.</summary>
    public FloatRows? KeyNorm { get; init; }

    /// <summary>The norm of what attention gives, where there is one.</summary>
    public FloatRows? AttentionOutputNorm { get; init; }

    /// <summary>The norm before the feed-forward layer.</summary>
    public required FloatRows FeedForwardNorm { get; init; }

    /// <summary>The feed-forward layer; <see langword="null"/> where there are experts.</summary>
    public GatedMatrices? FeedForward { get; init; }

    /// <summary>The experts; <see langword="null"/> where there is a feed-forward layer.</summary>
    public ExpertMatrices? Experts { get; init; }

    /// <summary>The norm of what the feed-forward layer gives, where there is one.</summary>
    public FloatRows? FeedForwardOutputNorm { get; init; }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (IDisposable? part in new IDisposable?[]
        {
            InputNorm, Query, Key, Value, Output, QueryNorm, KeyNorm, AttentionOutputNorm, FeedForwardNorm, FeedForward, Experts, FeedForwardOutputNorm,
        })
        {
            part?.Dispose();
        }
    }
}
