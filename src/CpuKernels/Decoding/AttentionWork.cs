namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>Attention of the rows, one key-value head of one row at a time.</summary>
/// <param name="rows">The pass.</param>
internal sealed unsafe class AttentionWork(DecodingRows rows) : TeamWork
{
    private const long Least = 1 << 15; // numbers of keys and values: some 5 microseconds

    private LayerShape? _shape;
    private int _layer;

    /// <summary>Computes from <see cref="DecodingRows.Query"/> to <see cref="DecodingRows.Mixed"/>.</summary>
    public void Run(LayerShape shape, int layer)
    {
        (_shape, _layer) = (shape, layer);
        long tokens = 0;
        for (int row = 0; row < rows.Count; row++)
            tokens += rows.Positions[row] + 1 - First(row);
        WorkTeam.Run(this, rows.Count * shape.KeyValueHeads, tokens * shape.Heads * shape.HeadDim < Least ? 1 : rows.Threads);
    }

    /// <inheritdoc />
    public override void Do(int part)
    {
        (int row, int head) = Math.DivRem(part, _shape!.KeyValueHeads);
        int group = _shape.Heads / _shape.KeyValueHeads, place = head * group * _shape.HeadDim;
        SequenceBlocks sequence = rows.Sequences[row];
        BlockAttention.Of(sequence, sequence.Shape, _layer, head, First(row), rows.Positions[row], rows.Query.At(row) + place, group, _shape.ScoreScale,
            rows.Mixed.At(row) + place);
    }

    private int First(int row) => _shape!.Window == 0 ? 0 : Math.Max(0, rows.Positions[row] + 1 - _shape.Window);
}
