namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>What a model is measured against.</summary>
internal sealed record ReferenceSettings
{
    /// <summary>The reference: a model of the same kinds as 'model'. In training, by default the model itself as it was.</summary>
    public string? ReferenceModel { get; init; }
}
