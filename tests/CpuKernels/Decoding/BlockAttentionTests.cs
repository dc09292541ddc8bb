using MiniMind.MLNet.Dpo.CpuKernels.Decoding;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Decoding;

/// <summary>Attention over blocks against sums in double precision.</summary>
public sealed class BlockAttentionTests
{
    [Theory]
    [InlineData(1, 32, 2, 0)]
    [InlineData(63, 32, 1, 0)]
    [InlineData(64, 8, 3, 0)]
    [InlineData(65, 24, 2, 0)]
    [InlineData(130, 96, 4, 0)]
    [InlineData(300, 40, 5, 0)]
    [InlineData(130, 16, 2, 1)]
    [InlineData(130, 16, 3, 65)]
    [InlineData(130, 48, 2, 64)]
    [InlineData(200, 128, 1, 500)]
    public void Of_AnyLengthWidthAndWindow_IsTheExactMean(int length, int dim, int queries, int window)
    {
        CacheShape shape = new(2, 3, dim);
        using CacheBlocks pool = new(shape);
        using SequenceBlocks sequence = new(pool);
        float[][] keys = Numbers(1, length, dim), values = Numbers(2, length, dim), heads = Numbers(3, queries, dim);
        Spoil(pool);
        Write(sequence, keys, values, layer: 1, head: 2);
        int first = window == 0 ? 0 : Math.Max(0, length - window);

        float[] mixed = Attend(sequence, shape, heads, first, length - 1, 0.3f);

        for (int query = 0; query < queries; query++)
        {
            double[] weights = [.. Enumerable.Range(first, length - first).Select(token => Math.Exp(0.3 * Dot(heads[query], keys[token])))];
            for (int d = 0; d < dim; d++)
            {
                double exact = weights.Select((weight, i) => weight * values[first + i][d]).Sum() / weights.Sum();
                ((double)mixed[query * dim + d]).Should().BeApproximately(exact, 3e-6, "query {0}, number {1}", query, d);
            }
        }
    }

    [Fact]
    public void Of_ScoresFarApart_StayFinite()
    {
        CacheShape shape = new(2, 3, 16);
        using CacheBlocks pool = new(shape);
        using SequenceBlocks sequence = new(pool);
        float[][] keys = Numbers(1, 200, 16), values = Numbers(2, 200, 16), heads = Numbers(3, 1, 16);
        keys[150] = [.. heads[0].Select(number => 1000 * number)];
        Write(sequence, keys, values, layer: 1, head: 2);

        float[] mixed = Attend(sequence, shape, heads, 0, 199, 1);

        mixed.Should().Equal(values[150], "its score is thousands above all others");
    }

    private static unsafe float[] Attend(SequenceBlocks sequence, CacheShape shape, float[][] heads, int first, int position, float scale)
    {
        float[] queries = [.. heads.SelectMany(head => head)], mixed = new float[queries.Length];
        fixed (float* from = queries, to = mixed)
            BlockAttention.Of(sequence, shape, 1, 2, first, position, from, heads.Length, scale, to);
        return mixed;
    }

    private static unsafe void Write(SequenceBlocks sequence, float[][] keys, float[][] values, int layer, int head)
    {
        sequence.Reserve(keys.Length);
        for (int token = 0; token < keys.Length; token++)
        {
            fixed (float* key = keys[token], value = values[token])
                BlockAttention.Write(sequence[token].Keys(sequence.Shape, layer, head), token % CacheBlock.Tokens, sequence.Shape, key, value);
        }
        sequence.Advance(keys.Length);
    }

    /// <summary>Blocks that are used again hold what was there before: here, keys and values that are no numbers.</summary>
    private static void Spoil(CacheBlocks pool)
    {
        using SequenceBlocks earlier = new(pool);
        float[][] none = [.. Enumerable.Range(0, 320).Select(_ => Enumerable.Repeat(float.NaN, pool.Shape.HeadDim).ToArray())];
        Write(earlier, none, none, layer: 1, head: 2);
    }

    private static double Dot(float[] left, float[] right) => left.Zip(right, (a, b) => (double)a * b).Sum();

    private static float[][] Numbers(int seed, int count, int width)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, width).Select(_ => (float)(random.NextDouble() * 2 - 1)).ToArray())];
    }
}
