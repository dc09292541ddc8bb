using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.CpuKernels.Attention;

/// <summary>The forward pass row by row, for head widths that are multiples of 16.</summary>
/// <remarks>For spans of so few rows that whole tiles would be mostly padding, as when tokens are generated one at a time.</remarks>
internal static unsafe class ForwardRow
{
    /// <summary>Up to this many own rows the row-by-row pass is the faster one.</summary>
    public const int MostRows = 2;

    private const int Chunk = 1024;

    /// <summary>Returns the floats of scratch that <see cref="Run"/> needs.</summary>
    public static long Scratch(int dim) => Chunk + 2L * dim;

    /// <summary>Does what <see cref="AttentionKernel.Forward"/> does.</summary>
    public static void Run(AttentionSpan span, int dim, float scale, float* query, nint queryStride, float* key, float* value,
        nint keyStride, float* output, nint outputStride, float* logSumExp, nint logSumExpStride, float* scratch)
    {
        float* scores = scratch;
        float* scaled = scores + Chunk;
        float* total = scaled + dim;
        Vector512<float> factor = Vector512.Create(scale * Exponential.NatsToPower);
        for (int own = 0; own < span.Own; own++)
        {
            nint row = (nint)span.Start + own;
            for (int column = 0; column < dim; column += TransposedRows.Group)
            {
                (Vector512.Load(query + row * queryStride + column) * factor).Store(scaled + column);
                Vector512<float>.Zero.Store(total + column);
            }

            float maximum = float.NegativeInfinity;
            float sum = 0f;
            nint prefix = (nint)span.PrefixStart * keyStride;
            nint start = (nint)span.Start * keyStride;
            Attend(scaled, dim, key + prefix, value + prefix, keyStride, span.Prefix, scores, total, ref maximum, ref sum);
            Attend(scaled, dim, key + start, value + start, keyStride, own + 1, scores, total, ref maximum, ref sum);
            Vector512<float> normalizer = Vector512.Create(1f / sum);
            for (int column = 0; column < dim; column += TransposedRows.Group)
                (Vector512.Load(total + column) * normalizer).Store(output + row * outputStride + column);
            if (logSumExp != null)
                logSumExp[row * logSumExpStride] = maximum * Exponential.PowerToNats + MathF.Log(sum);
        }
    }

    private static void Attend(float* query, int dim, float* key, float* value, nint stride, int count, float* scores, float* total,
        ref float maximum, ref float sum)
    {
        for (int first = 0; first < count; first += Chunk)
        {
            int keys = Math.Min(Chunk, count - first);
            Score(query, dim, key + first * stride, stride, keys, scores);
            // Padding to whole vectors with minus infinity makes the padding weigh nothing.
            for (int pad = keys; pad % TransposedRows.Group != 0; pad++)
                scores[pad] = float.NegativeInfinity;
            float factor = Exponentiate(scores, keys, ref maximum, ref sum);
            for (int column = 0; column < dim; column += TransposedRows.Group)
                (Vector512.Load(total + column) * factor).Store(total + column);
            Add(scores, keys, value + first * stride, stride, dim, total);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score(float* query, int dim, float* key, nint stride, int keys, float* scores)
    {
        for (int at = 0; at < keys; at++, key += stride)
        {
            Vector512<float> sum = Vector512.Load(query) * Vector512.Load(key);
            for (int column = TransposedRows.Group; column < dim; column += TransposedRows.Group)
                sum = Vector512.FusedMultiplyAdd(Vector512.Load(query + column), Vector512.Load(key + column), sum);
            scores[at] = Vector512.Sum(sum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Exponentiate(float* scores, int keys, ref float maximum, ref float sum)
    {
        Vector512<float> largest = Vector512.Create(maximum);
        for (int at = 0; at < keys; at += TransposedRows.Group)
            largest = Vector512.MaxNative(largest, Vector512.Load(scores + at));
        float now = maximum;
        for (int lane = 0; lane < TransposedRows.Group; lane++)
            now = Math.Max(now, largest[lane]);

        Vector512<float> shift = Vector512.Create(now);
        Vector512<float> added = Vector512<float>.Zero;
        for (int at = 0; at < keys; at += TransposedRows.Group)
        {
            Vector512<float> probability = Exponential.BaseTwo(Vector512.Load(scores + at) - shift);
            probability.Store(scores + at);
            added += probability;
        }

        float factor = Exponential.BaseTwo(Vector512.Create(maximum - now)).ToScalar();
        maximum = now;
        sum = sum * factor + Vector512.Sum(added);
        return factor;
    }

    // Four keys at a time, all columns of each: the values stream by once, and the totals stay in the first-level cache.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(float* weights, int keys, float* value, nint stride, int dim, float* total)
    {
        int key = 0;
        for (; key + 3 < keys; key += 4, value += 4 * stride)
        {
            Vector512<float> first = Vector512.Create(weights[key]);
            Vector512<float> second = Vector512.Create(weights[key + 1]);
            Vector512<float> third = Vector512.Create(weights[key + 2]);
            Vector512<float> fourth = Vector512.Create(weights[key + 3]);
            for (int column = 0; column < dim; column += TransposedRows.Group)
            {
                Vector512<float> even = Vector512.FusedMultiplyAdd(first, Vector512.Load(value + column), Vector512.Load(total + column));
                Vector512<float> odd = second * Vector512.Load(value + stride + column);
                even = Vector512.FusedMultiplyAdd(third, Vector512.Load(value + 2 * stride + column), even);
                odd = Vector512.FusedMultiplyAdd(fourth, Vector512.Load(value + 3 * stride + column), odd);
                (even + odd).Store(total + column);
            }
        }

        for (; key < keys; key++, value += stride)
        {
            Vector512<float> weight = Vector512.Create(weights[key]);
            for (int column = 0; column < dim; column += TransposedRows.Group)
                Vector512.FusedMultiplyAdd(weight, Vector512.Load(value + column), Vector512.Load(total + column)).Store(total + column);
        }
    }
}
