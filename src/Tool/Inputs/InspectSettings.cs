namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>How much is shown.</summary>
internal sealed record InspectSettings
{
    /// <summary>How many pairs are shown, from the first on.</summary>
    public int Count { get; init; } = 3;
}
