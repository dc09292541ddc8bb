using TorchSharp.Modules;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>The parameters of a dense decoder layer, fp32.</summary>
internal sealed record LayerWeights
{
    public required Parameter InputNorm { get; init; }

    public required Parameter Query { get; init; }

    public required Parameter Key { get; init; }

    public required Parameter Value { get; init; }

    public required Parameter Output { get; init; }

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

    /// <summary>The queries' bias, where the model has it.</summary>
    public Parameter? QueryBias { get; init; }

    /// <summary>The keys' bias, where the model has it.</summary>
    public Parameter? KeyBias { get; init; }

    /// <summary>The values' bias, where the model has it.</summary>
    public Parameter? ValueBias { get; init; }

    public required Parameter Gate { get; init; }

    public required Parameter Up { get; init; }

    public required Parameter Down { get; init; }
}
