using MiniMind.MLNet.Dpo.Modeling.Attention;

namespace MiniMind.MLNet.Dpo.Training.Batches;

/// <summary>Collects which rows predict which labels of which sequences.</summary>
/// <param name="sequences">How many sequences there are.</param>
/// <param name="groups">How many groups they form: sequence s belongs to group s modulo this number.</param>
/// <param name="countedOnly">Whether labels that do not count are left out.</param>
/// <param name="heads">How many counted labels the head of each sequence has, (S), where heads and tails are summed by themselves.</param>
internal sealed class LabelRows(int sequences, int groups, bool countedOnly, int[]? heads = null)
{
    private readonly List<long> _rows = [], _labels = [], _sequenceOf = [];
    private readonly List<float> _weights = [];
    private readonly float[] _lossTokens = new float[heads is null ? sequences : 2 * sequences];

    /// <summary>Adds the label that a row predicts.</summary>
    public void Add(int sequence, long row, int label, bool counts)
    {
        if (heads is not null && _lossTokens[sequence] >= heads[sequence])
            sequence += sequences; // its tail
        if (counts)
            _lossTokens[sequence]++;
        if (!counts && countedOnly)
            return;
        _rows.Add(row);
        _labels.Add(label);
        _sequenceOf.Add(sequence);
        _weights.Add(counts ? 1 : 0);
    }

    /// <summary>The finished batch, its labels in the order of their groups.</summary>
    public BatchRows ToBatch(long[] inputIds, long realTokens, long[]? segments, PackedSequence[] packed, long paddedLength, float[]? tokenWeights)
    {
        int[] order = [.. Enumerable.Range(0, _rows.Count).OrderBy(i => _sequenceOf[i] % groups)]; // stable
        long[] groupLabels = new long[groups];
        foreach (long sequence in _sequenceOf)
            groupLabels[sequence % groups]++;
        return new()
        {
            InputIds = inputIds, RealTokens = realTokens, Segments = segments, Sequences = packed, PaddedLength = paddedLength, TokenWeights = tokenWeights,
            Rows = [.. order.Select(i => _rows[i])], Labels = [.. order.Select(i => _labels[i])], SequenceOf = [.. order.Select(i => _sequenceOf[i])],
            LossTokens = _lossTokens,
            Parts = heads is null ? 1 : 2, Weights = countedOnly ? null : [.. order.Select(i => _weights[i])], GroupLabels = groupLabels,
        };
    }
}
