namespace MiniMind.MLNet.Dpo.LlamaProbe;

/// <summary>What is asked about one GGUF file.</summary>
internal sealed record Question
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>The file of an adapter that is added to it; <see langword="null"/> for none.</summary>
    public string? Adapter { get; init; }

    /// <summary>Texts to encode; control tokens that they spell become their ids.</summary>
    public string[] Texts { get; init; } = [];

    /// <summary>Token rows to read.</summary>
    public int[][] Prompts { get; init; } = [];

    /// <summary>Tokens to add greedily behind each row.</summary>
    public int Greedy { get; init; }

    /// <summary>Whether the logits of every position of the rows are wanted.</summary>
    public bool Logits { get; init; }
}
