using MiniMind.MLNet.Dpo.Modeling.Attention;

namespace MiniMind.MLNet.Dpo.Training.Batches;

/// <summary>A batch in plain arrays, made on the host ahead of the device.</summary>
/// <remarks>Sequences are numbered chosen over rejected: pair i of B is sequence i and sequence B + i.</remarks>
internal sealed class BatchRows
{
    /// <summary>Token ids of all rows, (N).</summary>
    public required long[] InputIds { get; init; }

    /// <summary>Lengths of the row segments of a packed batch; <see langword="null"/> for a padded one.</summary>
    public long[]? Segments { get; init; }

    /// <summary>The sequences of a packed batch; empty for a padded one.</summary>
    public PackedSequence[] Sequences { get; init; } = [];

    /// <summary>Row length of a padded batch.</summary>
    public long PaddedLength { get; init; }

    /// <summary>The row that predicts each label, (M).</summary>
    public required long[] Rows { get; init; }

    /// <summary>The labels, (M).</summary>
    public required long[] Labels { get; init; }

    /// <summary>1 where a label counts, else 0, (M); <see langword="null"/> where all do.</summary>
    public float[]? Weights { get; init; }

    /// <summary>
    /// The sequence of each label, (M). Where sequences are summed in two parts, their heads and their tails, that of the tail of sequence s is s plus the
    /// number of sequences.
    /// </summary>
    public required long[] SequenceOf { get; init; }

    /// <summary>The labels as a table of sequences by labels.</summary>
    public LabelTable Table => field ??= LabelTable.Of(SequenceOf, SumCount);

    /// <summary>
    /// How many labels each group (pair or single response) has, in the order of the labels; sequence s belongs to group s modulo their number.
    /// </summary>
    public required long[] GroupLabels { get; init; }

    /// <summary>How many labels of each sequence count, (2 * B); of its head and, after all heads, of its tail where there are parts.</summary>
    public required float[] LossTokens { get; init; }

    /// <summary>How often each row counts in the load-balancing loss, (N); <see langword="null"/> for once each.</summary>
    public float[]? TokenWeights { get; set; }

    /// <summary>In how many parts a sequence's labels are summed: 1, or 2 for heads and tails.</summary>
    public int Parts { get; init; } = 1;

    /// <summary>The number of sequences.</summary>
    public int SequenceCount => LossTokens.Length / Parts;

    /// <summary>The number of sums: sequences times parts.</summary>
    public int SumCount => LossTokens.Length;

    /// <summary>Input tokens of all sequences before sharing and without padding.</summary>
    public required long RealTokens { get; init; }
}
