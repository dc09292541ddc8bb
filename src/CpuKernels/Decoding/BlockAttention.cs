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
        int query = 0;
        for (; query + 2 <= count; query += 2)
            Of(sequence, shape, layer, head, first, position, queries + (nint)query * shape.HeadDim, isPair: true, scale, mixed + (nint)query * shape.HeadDim);
        if (query < count)
            Of(sequence, shape, layer, head, first, position, queries + (nint)query * shape.HeadDim, isPair: false, scale, mixed + (nint)query * shape.HeadDim);
    }

    /// <summary>The same of one query head, or of two, which share what is read.</summary>
    private static void Of(
        SequenceBlocks sequence, in CacheShape shape, int layer, int head, int first, int position, float* queries, bool isPair, float scale, float* mixed)
    {
        const int Tokens = CacheBlock.Tokens;
        int dim = shape.HeadDim, stride = shape.ValueStride, count = isPair ? 2 : 1;
        float* sums = stackalloc float[2 * stride], weights = stackalloc float[2 * Tokens], shrinks = stackalloc float[2], totals = stackalloc float[2];
        float* largest = stackalloc float[2];
        new Span<float>(sums, 2 * stride).Clear();
        (largest[0], largest[1], totals[0], totals[1]) = (float.NegativeInfinity, float.NegativeInfinity, 0, 0);
        for (int block = first / Tokens; block <= position / Tokens; block++)
        {
            int start = block * Tokens, begin = Math.Max(first - start, 0), end = Math.Min(position - start + 1, Tokens);
            float* keys = sequence.Blocks[block].Keys(shape, layer, head), values = keys + (nint)dim * Tokens;
            if (isPair)
                ScoreTwo(queries, keys, dim, weights);
            else
                ScoreOne(queries, keys, dim, weights);
            for (int query = 0; query < count; query++)
            {
                shrinks[query] = Weigh(weights + query * Tokens, begin, end, scale, ref largest[query], out float added);
                totals[query] = totals[query] * shrinks[query] + added;
            }
            if (isPair)
                AddTwo(weights, values, stride, begin, end, shrinks, sums);
            else
                AddOne(weights, values, stride, begin, end, *shrinks, sums);
        }
        for (int query = 0; query < count; query++)
        {
            float inverse = 1 / totals[query];
            for (int d = 0; d < dim; d++)
                mixed[query * dim + d] = sums[query * stride + d] * inverse;
        }
    }

    /// <summary>The products of a query and a block's keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScoreOne(float* query, float* keys, int dim, float* scores)
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
        Store(scores, sum0, sum1, sum2, sum3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScoreTwo(float* queries, float* keys, int dim, float* scores)
    {
        Vector512<float> first0 = default, first1 = default, first2 = default, first3 = default;
        Vector512<float> second0 = default, second1 = default, second2 = default, second3 = default;
        for (int d = 0; d < dim; d++, keys += CacheBlock.Tokens)
        {
            Vector512<float> key0 = Vector512.Load(keys), key1 = Vector512.Load(keys + Vector), key2 = Vector512.Load(keys + 2 * Vector),
                key3 = Vector512.Load(keys + 3 * Vector), factor = Vector512.Create(queries[d]);
            first0 = Vector512.FusedMultiplyAdd(key0, factor, first0);
            first1 = Vector512.FusedMultiplyAdd(key1, factor, first1);
            first2 = Vector512.FusedMultiplyAdd(key2, factor, first2);
            first3 = Vector512.FusedMultiplyAdd(key3, factor, first3);
            factor = Vector512.Create(queries[dim + d]);
            second0 = Vector512.FusedMultiplyAdd(key0, factor, second0);
            second1 = Vector512.FusedMultiplyAdd(key1, factor, second1);
            second2 = Vector512.FusedMultiplyAdd(key2, factor, second2);
            second3 = Vector512.FusedMultiplyAdd(key3, factor, second3);
        }
        Store(scores, first0, first1, first2, first3);
        Store(scores + CacheBlock.Tokens, second0, second1, second2, second3);
    }

    /// <summary>Turns the scores of a block's tokens into weights against the largest score so far.</summary>
    /// <returns>What earlier weights are to be multiplied by.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Weigh(float* scores, int begin, int end, float scale, ref float largest, out float total)
    {
        Vector512<float> score0 = Seen(Vector512.Load(scores) * scale, 0, begin, end);
        Vector512<float> score1 = Seen(Vector512.Load(scores + Vector) * scale, Vector, begin, end);
        Vector512<float> score2 = Seen(Vector512.Load(scores + 2 * Vector) * scale, 2 * Vector, begin, end);
        Vector512<float> score3 = Seen(Vector512.Load(scores + 3 * Vector) * scale, 3 * Vector, begin, end);
        float before = largest;
        largest = MathF.Max(before, Largest(Vector512.Max(Vector512.Max(score0, score1), Vector512.Max(score2, score3))));
        Vector512<float> most = Vector512.Create(largest);
        score0 = Exponential.OfNats(score0 - most);
        score1 = Exponential.OfNats(score1 - most);
        score2 = Exponential.OfNats(score2 - most);
        score3 = Exponential.OfNats(score3 - most);
        Store(scores, score0, score1, score2, score3);
        total = Vector512.Sum(score0 + score1 + (score2 + score3));
        return before == largest ? 1 : MathF.Exp(before - largest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* to, Vector512<float> first, Vector512<float> second, Vector512<float> third, Vector512<float> fourth)
    {
        first.Store(to);
        second.Store(to + Vector);
        third.Store(to + 2 * Vector);
        fourth.Store(to + 3 * Vector);
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
    private static void AddOne(float* weights, float* values, int stride, int begin, int end, float shrink, float* sums)
    {
        for (int d = 0; d < stride; d += Vector)
        {
            Vector512<float> even = Vector512.Load(sums + d) * shrink, odd = default;
            float* row = values + (nint)begin * stride + d;
            int token = begin;
            for (; token + 2 <= end; token += 2, row += 2 * (nint)stride)
            {
                even = Vector512.FusedMultiplyAdd(Vector512.Load(row), Vector512.Create(weights[token]), even);
                odd = Vector512.FusedMultiplyAdd(Vector512.Load(row + stride), Vector512.Create(weights[token + 1]), odd);
            }
            if (token < end)
                even = Vector512.FusedMultiplyAdd(Vector512.Load(row), Vector512.Create(weights[token]), even);
            (even + odd).Store(sums + d);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTwo(float* weights, float* values, int stride, int begin, int end, float* shrinks, float* sums)
    {
        float* other = weights + CacheBlock.Tokens;
        for (int d = 0; d < stride; d += Vector)
        {
            Vector512<float> even = Vector512.Load(sums + d) * shrinks[0], odd = default;
            Vector512<float> otherEven = Vector512.Load(sums + stride + d) * shrinks[1], otherOdd = default;
            float* row = values + (nint)begin * stride + d;
            int token = begin;
            for (; token + 2 <= end; token += 2, row += 2 * (nint)stride)
            {
                Vector512<float> value = Vector512.Load(row), next = Vector512.Load(row + stride);
                even = Vector512.FusedMultiplyAdd(value, Vector512.Create(weights[token]), even);
                otherEven = Vector512.FusedMultiplyAdd(value, Vector512.Create(other[token]), otherEven);
                odd = Vector512.FusedMultiplyAdd(next, Vector512.Create(weights[token + 1]), odd);
                otherOdd = Vector512.FusedMultiplyAdd(next, Vector512.Create(other[token + 1]), otherOdd);
            }
            if (token < end)
            {
                even = Vector512.FusedMultiplyAdd(Vector512.Load(row), Vector512.Create(weights[token]), even);
                otherEven = Vector512.FusedMultiplyAdd(Vector512.Load(row), Vector512.Create(other[token]), otherEven);
            }
            (even + odd).Store(sums + d);
            (otherEven + otherOdd).Store(sums + stride + d);
        }
    }
}
