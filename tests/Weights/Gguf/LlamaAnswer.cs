using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Tests.Weights.Gguf;

/// <summary>What llama.cpp said of a file; see the probe's <c>Answer</c>.</summary>
internal sealed record LlamaAnswer
{
    public string? Failure { get; init; }

    public Dictionary<string, string> Metadata { get; init; } = [];

    public int[][] Ids { get; init; } = [];

    public string[] Decoded { get; init; } = [];

    public int[] Ends { get; init; } = [];

    public int[] Controls { get; init; } = [];

    public int[][] Continuations { get; init; } = [];

    public byte[][] Logits { get; init; } = [];

    /// <summary>The largest difference from the expected logits at each position of each row.</summary>
    public double[] Differences(IReadOnlyList<float[]> expected, int vocabulary)
    {
        List<double> largest = new();
        for (int row = 0; row < expected.Count; row++)
        {
            ReadOnlySpan<float> theirs = MemoryMarshal.Cast<byte, float>(Logits[row]);
            theirs.Length.Should().Be(expected[row].Length);
            for (int i = 0; i < theirs.Length; i++)
            {
                if (i % vocabulary == 0)
                    largest.Add(0);
                largest[^1] = Math.Max(largest[^1], double.IsFinite(theirs[i]) ? Math.Abs(theirs[i] - expected[row][i]) : double.PositiveInfinity);
            }
        }
        return [.. largest];
    }
}
