namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>What is talked about.</summary>
internal sealed record ChatSettings
{
    /// <summary>What is asked; by default it is read line by line.</summary>
    public string? Prompt { get; init; }

    /// <summary>The system's message.</summary>
    public string? SystemMessage { get; init; }
}
