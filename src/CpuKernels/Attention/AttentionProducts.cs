namespace MiniMind.MLNet.Dpo.CpuKernels.Attention;

/// <summary>The matrix products of attention between a block of up to 48 query rows, held as lanes, and a chunk of keys, in fp32.</summary>
internal static unsafe class AttentionProducts
{
    /// <summary>Cuts keys into as few, nearly even chunks as possible.</summary>
    /// <param name="count">How many keys there are.</param>
    /// <param name="most">The most keys of a chunk, a multiple of eight.</param>
    /// <returns>The keys of each chunk but the last, a multiple of eight.</returns>
    public static int EvenChunk(int count, int most)
    {
        int chunks = Math.Max(1, (count + most - 1) / most);
        return Math.Max(1, ((count + chunks - 1) / chunks + Tile.Rows - 1) / Tile.Rows) * Tile.Rows;
    }

    /// <summary>Writes result[j * 48 + i] = sum over d of rows[j * stride + d] * lanes[d * 48 + i] for the chunk's keys j.</summary>
    /// <param name="rows">The chunk's keys or values, (keys, D).</param>
    /// <param name="stride">Elements from one row to the next.</param>
    /// <param name="keys">The chunk's keys.</param>
    /// <param name="lanes">The block's rows as lanes, (D, 48).</param>
    /// <param name="groups">Vectors of lanes that hold rows.</param>
    /// <param name="dim">D.</param>
    /// <param name="diagonal">Whether key j is seen by the block's rows from j on; then only groups of lanes that see some key of a tile are written.</param>
    /// <param name="result">(keys, 48).</param>
    public static void RowsTimesLanes(float* rows, nint stride, int keys, float* lanes, int groups, int dim, bool diagonal, float* result)
    {
        for (int key = 0; key < keys; key += Tile.Rows)
        {
            int skipped = diagonal ? key / TransposedRows.Group : 0;
            int lane = skipped * TransposedRows.Group;
            Tile.Multiply(groups - skipped, rows + key * stride, stride, Math.Min(Tile.Rows, keys - key) - 1, 1,
                lanes + lane, TransposedRows.Count, result + (nint)key * TransposedRows.Count + lane, TransposedRows.Count, dim, false);
        }
    }

    /// <summary>Writes, or adds to, result[i, :] = sum over keys j of weights[j * 48 + i] * rows[j * stride + :] for the block's rows i.</summary>
    /// <param name="weights">(keys, 48).</param>
    /// <param name="keys">The chunk's keys.</param>
    /// <param name="rows">The chunk's keys or values, (keys, D).</param>
    /// <param name="stride">Elements from one row to the next.</param>
    /// <param name="count">The block's rows.</param>
    /// <param name="dim">D.</param>
    /// <param name="diagonal">Whether key j is seen by the block's rows from j on.</param>
    /// <param name="accumulate">Whether to add.</param>
    /// <param name="result">(48, D), up to the count's next multiple of eight.</param>
    public static void WeightedRows(float* weights, int keys, float* rows, nint stride, int count, int dim, bool diagonal, bool accumulate,
        float* result)
    {
        int vectors = dim / TransposedRows.Group;
        for (int first = 0, width; first < vectors; first += width)
        {
            width = Tile.Width(vectors - first);
            int column = first * TransposedRows.Group;
            for (int row = 0; row < count; row += Tile.Rows)
            {
                Tile.Multiply(width, weights + row, 1, Tile.Rows - 1, TransposedRows.Count, rows + column, stride,
                    result + (nint)row * dim + column, dim, diagonal ? Math.Min(keys, row + Tile.Rows) : keys, accumulate);
            }
        }
    }

    /// <summary>
    /// Adds to result[j * stride + :] the sum over the block's rows i of weights[j * 48 + i] * rows[i * rowStride + :] for the chunk's keys j.
    /// </summary>
    /// <param name="weights">(keys, 48).</param>
    /// <param name="keys">The chunk's keys.</param>
    /// <param name="rows">The block's rows, (count, D).</param>
    /// <param name="rowStride">Elements from one of them to the next.</param>
    /// <param name="count">The block's rows.</param>
    /// <param name="dim">D.</param>
    /// <param name="diagonal">Whether key j is seen by the block's rows from j on.</param>
    /// <param name="result">The gradient of the chunk's keys or values, (keys, D).</param>
    /// <param name="stride">Elements from one of its rows to the next.</param>
    /// <param name="spill">8 * D floats for a last tile that is not whole.</param>
    public static void AddWeightedLanes(float* weights, int keys, float* rows, nint rowStride, int count, int dim, bool diagonal,
        float* result, nint stride, float* spill)
    {
        int vectors = dim / TransposedRows.Group;
        for (int first = 0, width; first < vectors; first += width)
        {
            width = Tile.Width(vectors - first);
            int column = first * TransposedRows.Group;
            for (int key = 0; key < keys; key += Tile.Rows)
            {
                int skipped = diagonal ? key : 0;
                bool whole = keys - key >= Tile.Rows;
                Tile.Multiply(width, weights + (nint)key * TransposedRows.Count + skipped, TransposedRows.Count, Math.Min(Tile.Rows, keys - key) - 1, 1,
                    rows + skipped * rowStride + column, rowStride, whole ? result + key * stride + column : spill + column,
                    whole ? stride : dim, count - skipped, whole);
            }
        }

        for (int row = 0, start = keys / Tile.Rows * Tile.Rows; start + row < keys; row++)
        {
            for (int column = 0; column < dim; column++)
                result[(start + row) * stride + column] += spill[row * dim + column];
        }
    }
}
