namespace MiniMind.MLNet.Dpo.LlamaProbe;

/// <summary>What llama.cpp says of one GGUF file.</summary>
internal sealed record Answer
{
    /// <summary>Why the file, or that of its adapter, could not be loaded; then there is nothing else.</summary>
    public string? Failure { get; init; }

    /// <summary>The metadata, as text.</summary>
    public Dictionary<string, string> Metadata { get; init; } = [];

    /// <summary>Ids of each text; whatever the file puts around texts included.</summary>
    public int[][] Ids { get; init; } = [];

    /// <summary>The texts decoded again from <see cref="Ids"/>, control tokens included.</summary>
    public string[] Decoded { get; init; } = [];

    /// <summary>The tokens that end an answer.</summary>
    public int[] Ends { get; init; } = [];

    /// <summary>The tokens that are control tokens.</summary>
    public int[] Controls { get; init; } = [];

    /// <summary>The greedy continuation of each row.</summary>
    public int[][] Continuations { get; init; } = [];

    /// <summary>The logits of each row, (positions * vocabulary) fp32.</summary>
    public byte[][] Logits { get; init; } = [];
}
