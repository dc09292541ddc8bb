namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>What a forecast measures.</summary>
internal sealed record ForecastSettings
{
    /// <summary>Whether learning rates are tried, as 'learning-rate-search' says.</summary>
    public bool Rate { get; init; } = true;
}
