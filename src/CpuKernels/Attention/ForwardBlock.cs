using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.CpuKernels.Attention;

/// <summary>The forward pass of one block of up to 48 query rows over the keys it sees, chunk by chunk, for head widths that are multiples of 16.</summary>
internal unsafe struct ForwardBlock
{
    // Measured: fewer keys reload the sums too often, more leave the first-level cache; the diagonal's 48 must fit one chunk.
    private const int Chunk = 96;

    private readonly int _dim;
    private readonly nint _keyStride;
    private readonly float* _scores;
    private readonly float* _maximum;
    private readonly float* _sum;
    private readonly float* _factor;
    private readonly float* _work;
    private readonly float* _queries;
    private readonly float* _output;
    private int _rows;
    private int _groups;
    private bool _started;

    /// <summary>Lays out the scratch.</summary>
    /// <param name="dim">D.</param>
    /// <param name="keyStride">Elements from one key to the next, and from one value to the next.</param>
    /// <param name="scratch">As many floats as <see cref="Scratch"/> says, the caller's.</param>
    public ForwardBlock(int dim, nint keyStride, float* scratch)
    {
        _dim = dim;
        _keyStride = keyStride;
        _scores = scratch;
        _maximum = _scores + Chunk * TransposedRows.Count;
        _sum = _maximum + TransposedRows.Count;
        _factor = _sum + TransposedRows.Count;
        _work = _factor + TransposedRows.Count;
        _queries = _work + TransposedRows.Scratch;
        _output = _queries + (nint)TransposedRows.Count * dim;
    }

    /// <summary>Returns the floats of scratch a block needs.</summary>
    public static long Scratch(int dim) => Chunk * TransposedRows.Count + 3 * TransposedRows.Count + TransposedRows.Scratch + 2L * TransposedRows.Count * dim;

    /// <summary>Takes the block's rows.</summary>
    /// <param name="query">(rows, D).</param>
    /// <param name="stride">Elements from one row to the next.</param>
    /// <param name="rows">Up to 48.</param>
    /// <param name="scale">The scores' factor.</param>
    public void Begin(float* query, nint stride, int rows, float scale)
    {
        _rows = rows;
        _groups = (rows + TransposedRows.Group - 1) / TransposedRows.Group;
        _started = false;
        TransposedRows.Pack(query, stride, rows, _dim, scale * Exponential.NatsToPower, _queries, _work);
        new Span<float>(_maximum, TransposedRows.Count).Fill(float.NegativeInfinity);
        new Span<float>(_sum, TransposedRows.Count).Clear();
    }

    /// <summary>Attends to keys.</summary>
    /// <param name="key">(count, D).</param>
    /// <param name="value">(count, D).</param>
    /// <param name="count">How many there are.</param>
    /// <param name="diagonal">Whether key j is seen by the block's rows from j on.</param>
    public void Attend(float* key, float* value, int count, bool diagonal)
    {
        int chunk = AttentionProducts.EvenChunk(count, Chunk);
        for (int first = 0; first < count; first += chunk)
        {
            int keys = Math.Min(chunk, count - first);
            nint offset = first * _keyStride;
            AttentionProducts.RowsTimesLanes(key + offset, _keyStride, keys, _queries, _groups, _dim, diagonal, _scores);
            if (ForwardSoftmax.Apply(_scores, keys, _groups, diagonal, _maximum, _sum, _factor) && _started)
                Shrink();
            AttentionProducts.WeightedRows(_scores, keys, value + offset, _keyStride, _rows, _dim, diagonal, _started, _output);
            _started = true;
        }
    }

    /// <summary>Writes the block's results.</summary>
    /// <param name="output">(rows, D).</param>
    /// <param name="stride">Elements from one row to the next.</param>
    /// <param name="logSumExp">(rows), in nats, or null.</param>
    /// <param name="logSumExpStride">Elements from one of them to the next.</param>
    public readonly void End(float* output, nint stride, float* logSumExp, nint logSumExpStride)
    {
        for (int row = 0; row < _rows; row++)
        {
            Vector512<float> normalizer = Vector512.Create(1f / _sum[row]);
            for (int column = 0; column < _dim; column += TransposedRows.Group)
                (Vector512.Load(_output + (nint)row * _dim + column) * normalizer).Store(output + row * stride + column);
            if (logSumExp != null)
                logSumExp[row * logSumExpStride] = _maximum[row] * Exponential.PowerToNats + MathF.Log(_sum[row]);
        }
    }

    private readonly void Shrink()
    {
        for (int row = 0; row < _rows; row++)
        {
            Vector512<float> factor = Vector512.Create(_factor[row]);
            for (int column = 0; column < _dim; column += TransposedRows.Group)
            {
                float* at = _output + (nint)row * _dim + column;
                (Vector512.Load(at) * factor).Store(at);
            }
        }
    }
}
