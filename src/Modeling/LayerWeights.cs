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

    public required Parameter PostAttentionNorm { get; init; }

    public required Parameter Gate { get; init; }

    public required Parameter Up { get; init; }

    public required Parameter Down { get; init; }
}
