namespace MiniMind.MLNet.Dpo.MpiProbe;

/// <summary>What one rank got from one round of all collectives.</summary>
public sealed record CollectiveReport
{
    /// <summary>Its number.</summary>
    public required int Rank { get; init; }

    /// <summary>How many ranks it sees.</summary>
    public required int Size { get; init; }

    /// <summary>The message library's own name.</summary>
    public required string Library { get; init; }

    /// <summary>The largest difference of a summed buffer from the sum that arithmetic gives.</summary>
    public required float SumError { get; init; }

    /// <summary>The same where only the middle of a buffer was summed, its ends included unchanged.</summary>
    public required float ViewError { get; init; }

    /// <summary>The same where the buffer went in chunks, all in flight at once.</summary>
    public required float ChunksError { get; init; }

    /// <summary>Whether random summands give every rank the same bits, and the same again the second time.</summary>
    public required bool SumsIdentical { get; init; }

    /// <summary>Whether a sum came to its end while the caller computed and called nothing.</summary>
    public required bool CompletedUnattended { get; init; }

    /// <summary>How many tensors live after a sum and a broadcast that did not live before.</summary>
    public required long LiveTensors { get; init; }

    /// <summary>Sum, maximum and minimum of (rank + 0.5).</summary>
    public required double[] Doubles { get; init; }

    /// <summary>Sum, maximum and minimum of (2^40 + rank).</summary>
    public required long[] Integers { get; init; }

    /// <summary>Whether the tensors that the last rank sent arrived.</summary>
    public required bool TensorsArrived { get; init; }

    /// <summary>Whether the bytes that rank 0 sent arrived.</summary>
    public required bool BytesArrived { get; init; }

    /// <summary>The lengths of the gathered blocks.</summary>
    public required int[] BlockLengths { get; init; }

    /// <summary>Whether every gathered block holds its rank's bytes.</summary>
    public required bool BlocksRight { get; init; }

    /// <summary>What the weights check says of equal weights, null for nothing.</summary>
    public required string? EqualWeights { get; init; }

    /// <summary>What it says where the last rank's weights differ in one element.</summary>
    public required string? UnequalWeights { get; init; }
}
