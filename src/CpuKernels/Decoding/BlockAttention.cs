using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>Attention of one token's query heads over a key-value head's blocks, which hold the token itself already.</summary>
/// <remarks>
/// Block by block with a running maximum (Milakov and Gimelshein 2018, arXiv 1805.02867). Blocks begin at the same tokens whatever is read in one pass, so that
/// the bits of a result depend on the sequence alone.
/// </remarks>
internal static unsafe class BlockAttention
{
    private const int Vector = 16; // numbers

    /// <summary>Writes a key and a value into a token's place of a block.</summary>
    public static void Write(float* keys, int place, in CacheShape shape, float* key, float* value)
    {
        int dim = shape.HeadDim;
        float* column = keys + place, row = keys + (nint)dim * CacheBlock.Tokens + (nint)place * shape.ValueStride;
        for (int d = 0; d < dim; d++)
            column[d * CacheBlock.Tokens] = key[d];
        new ReadOnlySpan<float>(value, dim).CopyTo(new Span<float>(row, dim));
    }

    /// <summary>Attends.</summary>
    /// <param name="sequence">Whose blocks.</param>
    /// <param name="shape">What they have of each token.</param>
    /// <param name="layer">The layer's index.</param>
    /// <param name="head">The key-value head's.</param>
    /// <param name="first">The first token that is seen.</param>
    /// <param name="position">The last one: the query's own.</param>
    /// <param name="queries">The query heads that share the key-value head, one behind the other, rotated.</param>
    /// <param name="count">How many.</param>
    /// <param name="scale">The scores' factor.</param>
    /// <param name="mixed">As many heads, written.</param>
    public static void Of(
        SequenceBlocks sequence, in CacheShape shape, int layer, int head, int first, int position, float* queries, int count, float scale, float* mixed)
    {
        int dim = shape.HeadDim, stride = shape.ValueStride;
        float* sums = stackalloc float[stride], weights = stackalloc float[CacheBlock.Tokens];
        for (int query = 0; query < count; query++)
        {
            new Span<float>(sums, stride).Clear();
            float* own = queries + (nint)query * dim;
            float largest = float.NegativeInfinity, total = 0;
            for (int block = first / CacheBlock.Tokens; block <= position / CacheBlock.Tokens; block++)
            {
                int start = block * CacheBlock.Tokens, begin = Math.Max(first - start, 0), end = Math.Min(position - start + 1, CacheBlock.Tokens);
                float* keys = sequence.Blocks[block].Keys(shape, layer, head);
                float shrink = Weigh(own, keys, dim, begin, end, scale, weights, ref largest, out float added);
                total = total * shrink + added;
                Add(weights, keys + (nint)dim * CacheBlock.Tokens, stride, begin, end, shrink, sums);
            }
            float inverse = 1 / total;
            float* to = mixed + (nint)query * dim;
            for (int d = 0; d < dim; d++)
                to[d] = sums[d] * inverse;
        }
    }

    /// <summary>The weights of a block's tokens against the largest score so far.</summary>
    /// <returns>What earlier weights are to be multiplied by.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Weigh(float* query, float* keys, int dim, int begin, int end, float scale, float* weights, ref float largest, out float total)
    {
        Vector512<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        for (int d = 0; d < dim; d++, keys += CacheBlock.Tokens)
        {
            Vector512<float> factor = Vector512.Create(query[d]);
            sum0 = Vector512.FusedMultiplyAdd(Vector512.Load(keys), factor, sum0);
            sum1 = Vector512.FusedMultiplyAdd(Vector512.Load(keys + Vector), factor, sum1);
            sum2 = Vector512.FusedMultiplyAdd(Vector512.Load(keys + 2 * Vector), factor, sum2);
            sum3 = Vector512.FusedMultiplyAdd(Vector512.Load(keys + 3 * Vector), factor, sum3);
        }
        sum0 = Seen(sum0 * scale, 0, begin, end);
        sum1 = Seen(sum1 * scale, Vector, begin, end);
        sum2 = Seen(sum2 * scale, 2 * Vector, begin, end);
        sum3 = Seen(sum3 * scale, 3 * Vector, begin, end);
        float before = largest;
        largest = MathF.Max(before, Largest(Vector512.Max(Vector512.Max(sum0, sum1), Vector512.Max(sum2, sum3))));
        Vector512<float> most = Vector512.Create(largest);
        sum0 = Exponential.OfNats(sum0 - most);
        sum1 = Exponential.OfNats(sum1 - most);
        sum2 = Exponential.OfNats(sum2 - most);
        sum3 = Exponential.OfNats(sum3 - most);
        sum0.Store(weights);
        sum1.Store(weights + Vector);
        sum2.Store(weights + 2 * Vector);
        sum3.Store(weights + 3 * Vector);
        total = Vector512.Sum(sum0 + sum1 + (sum2 + sum3));
        return before == largest ? 1 : MathF.Exp(before - largest);
    }

    /// <summary>Scores of the tokens from one to another, and minus infinity for the others, whose keys are left from before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Seen(Vector512<float> scores, int first, int begin, int end)
    {
        Vector512<int> places = Vector512<int>.Indices + Vector512.Create(first);
        Vector512<int> seen = Vector512.GreaterThanOrEqual(places, Vector512.Create(begin)) & Vector512.LessThan(places, Vector512.Create(end));
        return Vector512.ConditionalSelect(seen.AsSingle(), scores, Vector512.Create(float.NegativeInfinity));
    }

    private static float Largest(Vector512<float> values)
    {
        Vector256<float> half = Vector256.Max(values.GetLower(), values.GetUpper());
        Vector128<float> quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        return MathF.Max(MathF.Max(quarter[0], quarter[1]), MathF.Max(quarter[2], quarter[3]));
    }

    /// <summary>Adds a block's values by their weights to what is there, times a factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(float* weights, float* values, int stride, int begin, int end, float shrink, float* sums)
    {
        int d = 0;
        for (; d + 2 * Vector <= stride; d += 2 * Vector)
        {
            Vector512<float> even0 = Vector512.Load(sums + d) * shrink, even1 = Vector512.Load(sums + d + Vector) * shrink, odd0 = default, odd1 = default;
            float* row = values + (nint)begin * stride + d;
            int token = begin;
            for (; token + 2 <= end; token += 2, row += 2 * stride)
            {
                Vector512<float> weight = Vector512.Create(weights[token]), next = Vector512.Create(weights[token + 1]);
                even0 = Vector512.FusedMultiplyAdd(Vector512.Load(row), weight, even0);
                even1 = Vector512.FusedMultiplyAdd(Vector512.Load(row + Vector), weight, even1);
                odd0 = Vector512.FusedMultiplyAdd(Vector512.Load(row + stride), next, odd0);
                odd1 = Vector512.FusedMultiplyAdd(Vector512.Load(row + stride + Vector), next, odd1);
            }
            if (token < end)
            {
                Vector512<float> weight = Vector512.Create(weights[token]);
                even0 = Vector512.FusedMultiplyAdd(Vector512.Load(row), weight, even0);
                even1 = Vector512.FusedMultiplyAdd(Vector512.Load(row + Vector), weight, even1);
            }
            (even0 + odd0).Store(sums + d);
            (even1 + odd1).Store(sums + d + Vector);
        }
        if (d >= stride)
            return;
        Vector512<float> sum = Vector512.Load(sums + d) * shrink;
        for (int token = begin; token < end; token++)
            sum = Vector512.FusedMultiplyAdd(Vector512.Load(values + (nint)token * stride + d), Vector512.Create(weights[token]), sum);
        sum.Store(sums + d);
    }
}
