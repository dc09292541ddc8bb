namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>Normalises and rotates a row's queries and keys, and writes its keys and values to its sequence.</summary>
/// <param name="rows">The pass.</param>
internal sealed unsafe class HeadWork(DecodingRows rows) : TeamWork
{
    private const int LeastRows = 16; // a row takes less than a microsecond

    private LayerShape? _shape;
    private LayerMatrices? _matrices;
    private int _layer;

    /// <summary>Does it for all rows.</summary>
    public void Run(LayerShape shape, LayerMatrices matrices, int layer)
    {
        (_shape, _matrices, _layer) = (shape, matrices, layer);
        WorkTeam.Run(this, rows.Count, rows.Count < LeastRows ? 1 : rows.Threads);
    }

    /// <inheritdoc />
    public override void Do(int part)
    {
        Turn(rows.Query.At(part), _shape!.Heads, _matrices!.QueryNorm, part);
        Turn(rows.Key.At(part), _shape.KeyValueHeads, _matrices.KeyNorm, part);
        SequenceBlocks sequence = rows.Sequences[part];
        int position = rows.Positions[part];
        for (int head = 0; head < _shape.KeyValueHeads; head++)
        {
            int first = head * _shape.HeadDim;
            BlockAttention.Write(sequence[position].Keys(sequence.Shape, _layer, head), position % CacheBlock.Tokens, sequence.Shape,
                rows.Key.At(part) + first, rows.Value.At(part) + first);
        }
    }

    private void Turn(float* heads, int count, FloatRows? norm, int row)
    {
        (FloatRows cosines, FloatRows sines) = _shape!.Rotation == LayerRotation.Local
            ? (rows.LocalCosines, rows.LocalSines) : (rows.Cosines, rows.Sines);
        for (int head = 0; head < count; head++, heads += _shape.HeadDim)
        {
            if (norm is not null)
                RotaryKernel.Normalise<Fp32Element>((byte*)heads, norm.Pointer, _shape.Epsilon, heads, _shape.HeadDim);
            if (_shape.Rotation != LayerRotation.None)
                RotaryKernel.Rotate(heads, cosines.At(row), sines.At(row), _shape.RotatedWidth);
        }
    }
}
