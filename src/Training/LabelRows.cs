using MiniMind.MLNet.Dpo.Modeling.Attention;

namespace MiniMind.MLNet.Dpo.Training;

/// <summary>Collects which rows predict which labels of which sequences.</summary>
internal sealed class LabelRows(int sequences, bool countedOnly)
{
    private readonly List<long> _rows = [], _labels = [], _sequenceOf = [];
    private readonly List<float> _weights = [];
    private readonly float[] _lossTokens = new float[sequences];

    /// <summary>Adds the label that a row predicts.</summary>
    public void Add(int sequence, long row, int label, bool counts)
    {
        if (counts) _lossTokens[sequence]++;
        if (!counts && countedOnly) return;
        _rows.Add(row);
        _labels.Add(label);
        _sequenceOf.Add(sequence);
        _weights.Add(counts ? 1 : 0);
    }

    /// <summary>The finished batch.</summary>
    public BatchRows ToBatch(long[] inputIds, long realTokens, long[]? segments, PackedSequence[] packed, long paddedLength, float[]? tokenWeights) => new()
    {
        InputIds = inputIds, RealTokens = realTokens, Segments = segments, Sequences = packed, PaddedLength = paddedLength, TokenWeights = tokenWeights,
        Rows = [.. _rows], Labels = [.. _labels], SequenceOf = [.. _sequenceOf], LossTokens = _lossTokens, Weights = countedOnly ? null : [.. _weights],
    };
}
