namespace MiniMind.MLNet.Dpo.Modeling.Kernels;

/// <summary>The matrix products of attention between a block of up to 48 query rows, held as lanes, and a chunk of keys, in fp32.</summary>
internal static unsafe class AttentionProducts
{
    /// <summary>Returns the keys, a multiple of eight and at most <paramref name="most"/>, of each chunk but the last when count keys are cut into as few, nearly even chunks as possible.</summary>
    public static int EvenChunk(int count, int most)
    {
        var chunks = Math.Max(1, (count + most - 1) / most);
        return Math.Max(1, ((count + chunks - 1) / chunks + Tile.Rows - 1) / Tile.Rows) * Tile.Rows;
    }

    /// <summary>Writes result[j * 48 + i] = sum over d of rows[j * stride + d] * lanes[d * 48 + i] for the chunk's keys j; on the diagonal only groups of lanes that see some key of a tile are written.</summary>
    public static void RowsTimesLanes(float* rows, nint stride, int keys, float* lanes, int groups, int dim, bool diagonal, float* result)
    {
        for (var key = 0; key < keys; key += Tile.Rows)
        {
            var skipped = diagonal ? key / Lanes.Group : 0;
            var lane = skipped * Lanes.Group;
            Tile.Multiply(groups - skipped, rows + key * stride, stride, Math.Min(Tile.Rows, keys - key) - 1, 1,
                lanes + lane, Lanes.Count, result + (nint)key * Lanes.Count + lane, Lanes.Count, dim, false);
        }
    }

    /// <summary>Writes, or adds to, result[i, dim] = sum over keys j of weights[j * 48 + i] * rows[j * stride + :] for the block's rows i, up to the next multiple of eight.</summary>
    public static void WeightedRows(float* weights, int keys, float* rows, nint stride, int count, int dim, bool diagonal, bool accumulate,
        float* result)
    {
        var vectors = dim / Lanes.Group;
        for (int first = 0, width; first < vectors; first += width)
        {
            width = Tile.Width(vectors - first);
            var column = first * Lanes.Group;
            for (var row = 0; row < count; row += Tile.Rows)
                Tile.Multiply(width, weights + row, 1, Tile.Rows - 1, Lanes.Count, rows + column, stride,
                    result + (nint)row * dim + column, dim, diagonal ? Math.Min(keys, row + Tile.Rows) : keys, accumulate);
        }
    }

    /// <summary>Adds to result[j * stride + :] the sum over block rows i of weights[j * 48 + i] * rows[i * rowStride + :] for the chunk's keys j; spill holds 8 * dim floats.</summary>
    public static void AddWeightedLanes(float* weights, int keys, float* rows, nint rowStride, int count, int dim, bool diagonal,
        float* result, nint stride, float* spill)
    {
        var vectors = dim / Lanes.Group;
        for (int first = 0, width; first < vectors; first += width)
        {
            width = Tile.Width(vectors - first);
            var column = first * Lanes.Group;
            for (var key = 0; key < keys; key += Tile.Rows)
            {
                var skipped = diagonal ? key : 0;
                var whole = keys - key >= Tile.Rows;
                Tile.Multiply(width, weights + (nint)key * Lanes.Count + skipped, Lanes.Count, Math.Min(Tile.Rows, keys - key) - 1, 1,
                    rows + skipped * rowStride + column, rowStride, whole ? result + key * stride + column : spill + column,
                    whole ? stride : dim, count - skipped, whole);
            }
        }

        for (int row = 0, start = keys / Tile.Rows * Tile.Rows; start + row < keys; row++)
            for (var column = 0; column < dim; column++)
                result[(start + row) * stride + column] += spill[row * dim + column];
    }
}
