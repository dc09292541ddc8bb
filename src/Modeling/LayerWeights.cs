using TorchSharp.Modules;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>The parameters of a decoder layer; those of norms are fp32.</summary>
internal sealed record LayerWeights
{
    public required Parameter InputNorm { get; init; }

    public required Projection Query { get; init; }

    public required Projection Key { get; init; }

    public required Projection Value { get; init; }

    public required Projection Output { get; init; }

    /// <summary>The queries' normalisation per head, where the model has it.</summary>
    public required Parameter? QueryNorm { get; init; }

    /// <summary>The keys' normalisation per head, where the model has it.</summary>
    public required Parameter? KeyNorm { get; init; }

    /// <summary>The normalisation before the feed-forward layer.</summary>
    public required Parameter FeedForwardNorm { get; init; }

    /// <summary>The normalisation of what attention gives, where the model has it.</summary>
    public Parameter? AttentionOutputNorm { get; init; }

    /// <summary>The normalisation of what the feed-forward layer gives, where the model has it.</summary>
    public Parameter? FeedForwardOutputNorm { get; init; }

    /// <summary>The feed-forward layer, or the experts.</summary>
    public required IFusedFeedForward FeedForward { get; init; }
}
