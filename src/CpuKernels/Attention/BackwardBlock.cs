using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.CpuKernels.Attention;

/// <summary>The backward pass of one block of up to 48 query rows over the keys it sees, chunk by chunk, for head widths that are multiples of 16.</summary>
internal unsafe struct BackwardBlock
{
    // Measured: fewer keys reload the sums too often, more leave the first-level cache; the diagonal's 48 must fit one chunk.
    private const int Chunk = 96;

    private readonly int _dim;
    private readonly nint _keyStride;
    private readonly nint _gradientStride;
    private readonly float* _probabilities;
    private readonly float* _scoreGradients;
    private readonly float* _logSumExp;
    private readonly float* _delta;
    private readonly float* _work;
    private readonly float* _queries;
    private readonly float* _outputGradients;
    private readonly float* _queryGradient;
    private readonly float* _spill;
    private float* _query;
    private nint _queryStride;
    private float* _outputGradient;
    private nint _outputStride;
    private int _rows;
    private int _groups;
    private bool _started;

    /// <summary>Lays out the scratch.</summary>
    /// <param name="dim">D.</param>
    /// <param name="keyStride">Elements from one key to the next, and from one value to the next.</param>
    /// <param name="gradientStride">The same for their gradients.</param>
    /// <param name="scratch">As many floats as <see cref="Scratch"/> says, the caller's.</param>
    public BackwardBlock(int dim, nint keyStride, nint gradientStride, float* scratch)
    {
        _dim = dim;
        _keyStride = keyStride;
        _gradientStride = gradientStride;
        _probabilities = scratch;
        _scoreGradients = _probabilities + Chunk * TransposedRows.Count;
        _logSumExp = _scoreGradients + Chunk * TransposedRows.Count;
        _delta = _logSumExp + TransposedRows.Count;
        _work = _delta + TransposedRows.Count;
        _queries = _work + TransposedRows.Scratch;
        _outputGradients = _queries + (nint)TransposedRows.Count * dim;
        _queryGradient = _outputGradients + (nint)TransposedRows.Count * dim;
        _spill = _queryGradient + (nint)TransposedRows.Count * dim;
    }

    /// <summary>Returns the floats of scratch a block needs.</summary>
    public static long Scratch(int dim) => 2 * Chunk * TransposedRows.Count + 2 * TransposedRows.Count + TransposedRows.Scratch + (
        3L * TransposedRows.Count + Tile.Rows) * dim;

    /// <summary>Takes the block's rows.</summary>
    /// <param name="query">(rows, D).</param>
    /// <param name="queryStride">Elements from one query to the next.</param>
    /// <param name="output">(rows, D).</param>
    /// <param name="outputGradient">(rows, D).</param>
    /// <param name="outputStride">Elements from one row of these two to the next.</param>
    /// <param name="logSumExp">(rows), in nats.</param>
    /// <param name="logSumExpStride">Elements from one of them to the next.</param>
    /// <param name="rows">Up to 48.</param>
    /// <param name="scale">The scores' factor.</param>
    public void Begin(float* query, nint queryStride, float* output, float* outputGradient, nint outputStride, float* logSumExp,
        nint logSumExpStride, int rows, float scale)
    {
        _query = query;
        _queryStride = queryStride;
        _outputGradient = outputGradient;
        _outputStride = outputStride;
        _rows = rows;
        _started = false;
        _groups = (rows + TransposedRows.Group - 1) / TransposedRows.Group;
        TransposedRows.Pack(query, queryStride, rows, _dim, scale * Exponential.NatsToPower, _queries, _work);
        // The scale rides on the output gradient's lanes and on delta, so the score gradients come out scaled.
        TransposedRows.Pack(outputGradient, outputStride, rows, _dim, scale, _outputGradients, _work);
        new Span<float>(_logSumExp, 2 * TransposedRows.Count).Clear();
        for (int row = 0; row < rows; row++)
        {
            _logSumExp[row] = logSumExp[row * logSumExpStride] * Exponential.NatsToPower;
            Vector512<float> sum = Vector512<float>.Zero;
            for (int column = 0; column < _dim; column += TransposedRows.Group)
                sum += Vector512.Load(output + row * outputStride + column) * Vector512.Load(outputGradient + row * outputStride + column);
            _delta[row] = Vector512.Sum(sum) * scale;
        }
    }

    /// <summary>Adds the gradients of keys and values and gathers that of the queries.</summary>
    /// <param name="key">(count, D).</param>
    /// <param name="value">(count, D).</param>
    /// <param name="keyGradient">(count, D), added to.</param>
    /// <param name="valueGradient">(count, D), added to.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="diagonal">Whether key j is seen by the block's rows from j on.</param>
    public void Attend(float* key, float* value, float* keyGradient, float* valueGradient, int count, bool diagonal)
    {
        int chunk = AttentionProducts.EvenChunk(count, Chunk);
        for (int first = 0; first < count; first += chunk)
        {
            int keys = Math.Min(chunk, count - first);
            nint offset = first * _keyStride;
            nint gradientOffset = first * _gradientStride;
            AttentionProducts.RowsTimesLanes(key + offset, _keyStride, keys, _queries, _groups, _dim, diagonal, _probabilities);
            AttentionProducts.RowsTimesLanes(value + offset, _keyStride, keys, _outputGradients, _groups, _dim, diagonal, _scoreGradients);
            BackwardSoftmax.Apply(_probabilities, _scoreGradients, keys, _groups, diagonal, _logSumExp, _delta);
            AttentionProducts.AddWeightedLanes(_probabilities, keys, _outputGradient, _outputStride, _rows, _dim, diagonal,
                valueGradient + gradientOffset, _gradientStride, _spill);
            AttentionProducts.AddWeightedLanes(_scoreGradients, keys, _query, _queryStride, _rows, _dim, diagonal,
                keyGradient + gradientOffset, _gradientStride, _spill);
            AttentionProducts.WeightedRows(_scoreGradients, keys, key + offset, _keyStride, _rows, _dim, diagonal, _started,
                _queryGradient);
            _started = true;
        }
    }

    /// <summary>Writes the block's query gradients.</summary>
    /// <param name="queryGradient">(rows, D), with the queries' stride.</param>
    public readonly void End(float* queryGradient)
    {
        for (int row = 0; row < _rows; row++)
            new Span<float>(_queryGradient + (nint)row * _dim, _dim).CopyTo(new Span<float>(queryGradient + row * _queryStride, _dim));
    }
}
