namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>What is to be tested on.</summary>
internal sealed record HeldOutFiles
{
    /// <summary>The files with the rows to test on, for prompts that are in both.</summary>
    public IReadOnlyList<string> HeldOut { get; init; } = [];
}
