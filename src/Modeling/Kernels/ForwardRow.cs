using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.Modeling.Kernels;

/// <summary>The forward pass row by row, for spans of so few rows that whole tiles would be mostly padding, as when tokens are generated one at a time; head widths are multiples of 16.</summary>
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
        var scores = scratch;
        var scaled = scores + Chunk;
        var total = scaled + dim;
        var factor = Vector512.Create(scale * Exponential.NatsToPower);
        for (var own = 0; own < span.Own; own++)
        {
            var row = (nint)span.Start + own;
            for (var column = 0; column < dim; column += Lanes.Group)
            {
                (Vector512.Load(query + row * queryStride + column) * factor).Store(scaled + column);
                Vector512<float>.Zero.Store(total + column);
            }

            var maximum = float.NegativeInfinity;
            var sum = 0f;
            var prefix = (nint)span.PrefixStart * keyStride;
            var start = (nint)span.Start * keyStride;
            Attend(scaled, dim, key + prefix, value + prefix, keyStride, span.Prefix, scores, total, ref maximum, ref sum);
            Attend(scaled, dim, key + start, value + start, keyStride, own + 1, scores, total, ref maximum, ref sum);
            var normalizer = Vector512.Create(1f / sum);
            for (var column = 0; column < dim; column += Lanes.Group)
                (Vector512.Load(total + column) * normalizer).Store(output + row * outputStride + column);
            if (logSumExp != null)
                logSumExp[row * logSumExpStride] = maximum * Exponential.PowerToNats + MathF.Log(sum);
        }
    }

    private static void Attend(float* query, int dim, float* key, float* value, nint stride, int count, float* scores, float* total,
        ref float maximum, ref float sum)
    {
        for (var first = 0; first < count; first += Chunk)
        {
            var keys = Math.Min(Chunk, count - first);
            Score(query, dim, key + first * stride, stride, keys, scores);
            // Padding to whole vectors with minus infinity makes the padding weigh nothing.
            for (var pad = keys; pad % Lanes.Group != 0; pad++)
                scores[pad] = float.NegativeInfinity;
            var factor = Exponentiate(scores, keys, ref maximum, ref sum);
            for (var column = 0; column < dim; column += Lanes.Group)
                (Vector512.Load(total + column) * factor).Store(total + column);
            Add(scores, keys, value + first * stride, stride, dim, total);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score(float* query, int dim, float* key, nint stride, int keys, float* scores)
    {
        for (var at = 0; at < keys; at++, key += stride)
        {
            var sum = Vector512.Load(query) * Vector512.Load(key);
            for (var column = Lanes.Group; column < dim; column += Lanes.Group)
                sum = Vector512.FusedMultiplyAdd(Vector512.Load(query + column), Vector512.Load(key + column), sum);
            scores[at] = Vector512.Sum(sum);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Exponentiate(float* scores, int keys, ref float maximum, ref float sum)
    {
        var largest = Vector512.Create(maximum);
        for (var at = 0; at < keys; at += Lanes.Group)
            largest = Vector512.MaxNative(largest, Vector512.Load(scores + at));
        var now = maximum;
        for (var lane = 0; lane < Lanes.Group; lane++)
            now = Math.Max(now, largest[lane]);

        var shift = Vector512.Create(now);
        var added = Vector512<float>.Zero;
        for (var at = 0; at < keys; at += Lanes.Group)
        {
            var probability = Exponential.BaseTwo(Vector512.Load(scores + at) - shift);
            probability.Store(scores + at);
            added += probability;
        }

        var factor = Exponential.BaseTwo(Vector512.Create(maximum - now)).ToScalar();
        maximum = now;
        sum = sum * factor + Vector512.Sum(added);
        return factor;
    }

    // Four keys at a time, all columns of each: the values stream by once, and the totals stay in the first-level cache.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(float* weights, int keys, float* value, nint stride, int dim, float* total)
    {
        var key = 0;
        for (; key + 3 < keys; key += 4, value += 4 * stride)
        {
            var first = Vector512.Create(weights[key]);
            var second = Vector512.Create(weights[key + 1]);
            var third = Vector512.Create(weights[key + 2]);
            var fourth = Vector512.Create(weights[key + 3]);
            for (var column = 0; column < dim; column += Lanes.Group)
            {
                var even = Vector512.FusedMultiplyAdd(first, Vector512.Load(value + column), Vector512.Load(total + column));
                var odd = second * Vector512.Load(value + stride + column);
                even = Vector512.FusedMultiplyAdd(third, Vector512.Load(value + 2 * stride + column), even);
                odd = Vector512.FusedMultiplyAdd(fourth, Vector512.Load(value + 3 * stride + column), odd);
                (even + odd).Store(total + column);
            }
        }

        for (; key < keys; key++, value += stride)
        {
            var weight = Vector512.Create(weights[key]);
            for (var column = 0; column < dim; column += Lanes.Group)
                Vector512.FusedMultiplyAdd(weight, Vector512.Load(value + column), Vector512.Load(total + column)).Store(total + column);
        }
    }
}
