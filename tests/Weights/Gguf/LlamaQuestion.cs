namespace MiniMind.MLNet.Dpo.Tests.Weights.Gguf;

/// <summary>What llama.cpp is asked about a file; see the probe's <c>Question</c>.</summary>
internal sealed record LlamaQuestion(string Path)
{
    public string? Adapter { get; init; }

    public string[] Texts { get; init; } = [];

    public int[][] Prompts { get; init; } = [];

    public int Greedy { get; init; }

    public bool Logits { get; init; }
}
