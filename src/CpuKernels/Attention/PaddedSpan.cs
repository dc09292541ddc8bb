using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.CpuKernels.Attention;

/// <summary>Carries head widths that are no multiple of 16 through the kernel by copying the span, prefix rows first, into rows padded with zeros.</summary>
internal static unsafe class PaddedSpan
{
    /// <summary>Returns the head width rounded up to a multiple of 16.</summary>
    public static int Width(int dim) => (dim + TransposedRows.Group - 1) / TransposedRows.Group * TransposedRows.Group;

    /// <summary>Says whether a head width needs this detour.</summary>
    public static bool Needed(int dim) => dim % TransposedRows.Group != 0;

    /// <summary>Returns the floats of scratch that <see cref="Forward"/> needs.</summary>
    public static long ForwardScratch(AttentionSpan span, int dim) => 4 * Size(span, dim) + DirectSpan.ForwardScratch(Width(dim));

    /// <summary>Returns the floats of scratch that <see cref="Backward"/> needs.</summary>
    public static long BackwardScratch(AttentionSpan span, int dim) => 8 * Size(span, dim) + DirectSpan.BackwardScratch(Width(dim));

    /// <summary>Does what <see cref="AttentionKernel.Forward"/> does, for any head width.</summary>
    public static void Forward(AttentionSpan span, int dim, float scale, float* query, nint queryStride, float* key, float* value,
        nint keyStride, float* output, nint outputStride, float* logSumExp, nint logSumExpStride, float* scratch)
    {
        int width = Width(dim);
        nint size = (nint)Size(span, dim);
        AttentionSpan padded = Moved(span);
        float* queries = scratch;
        float* keys = scratch + size;
        float* values = scratch + 2 * size;
        float* outputs = scratch + 3 * size;
        float* rest = scratch + 4 * size;
        CopyOwn(span, dim, query, queryStride, queries);
        CopyAll(span, dim, key, keyStride, keys);
        CopyAll(span, dim, value, keyStride, values);
        DirectSpan.Forward(padded, width, scale, queries, width, keys, values, width, outputs, width,
            MovedLog(span, logSumExp, logSumExpStride), logSumExpStride, rest);
        for (int row = 0; row < span.Own; row++)
            Copy(outputs + (nint)(padded.Start + row) * width, output + (nint)(span.Start + row) * outputStride, dim);
    }

    /// <summary>Does what <see cref="AttentionKernel.Backward"/> does, for any head width.</summary>
    public static void Backward(AttentionSpan span, int dim, float scale, float* query, nint queryStride, float* key, float* value,
        nint keyStride, float* output, float* outputGradient, nint outputStride, float* logSumExp, nint logSumExpStride,
        float* queryGradient, float* keyGradient, float* valueGradient, nint keyGradientStride, float* scratch)
    {
        int width = Width(dim);
        nint size = (nint)Size(span, dim);
        AttentionSpan padded = Moved(span);
        float* queries = scratch;
        float* keys = scratch + size;
        float* values = scratch + 2 * size;
        float* outputs = scratch + 3 * size;
        float* outputGradients = scratch + 4 * size;
        float* queryGradients = scratch + 5 * size;
        float* keyGradients = scratch + 6 * size;
        float* valueGradients = scratch + 7 * size;
        CopyOwn(span, dim, query, queryStride, queries);
        CopyAll(span, dim, key, keyStride, keys);
        CopyAll(span, dim, value, keyStride, values);
        CopyOwn(span, dim, output, outputStride, outputs);
        CopyOwn(span, dim, outputGradient, outputStride, outputGradients);
        Clear(keyGradients, 2 * size);
        DirectSpan.Backward(padded, width, scale, queries, width, keys, values, width, outputs, outputGradients, width,
            MovedLog(span, logSumExp, logSumExpStride), logSumExpStride, queryGradients, keyGradients, valueGradients, width,
            scratch + 8 * size);
        for (int row = 0; row < span.Own; row++)
            Copy(queryGradients + (nint)(padded.Start + row) * width, queryGradient + (nint)(span.Start + row) * queryStride, dim);
        AddAll(span, dim, keyGradients, keyGradient, keyGradientStride);
        AddAll(span, dim, valueGradients, valueGradient, keyGradientStride);
    }

    private static long Size(AttentionSpan span, int dim) => ((long)span.Prefix + span.Own) * Width(dim);

    private static AttentionSpan Moved(AttentionSpan span) => new(span.Prefix, span.Own, 0, span.Prefix);

    private static float* MovedLog(AttentionSpan span, float* logSumExp, nint stride) =>
        logSumExp == null ? null : logSumExp + (nint)(span.Start - span.Prefix) * stride;

    private static void CopyAll(AttentionSpan span, int dim, float* from, nint stride, float* to)
    {
        CopyRows(span.PrefixStart, span.Prefix, dim, from, stride, to);
        CopyOwn(span, dim, from, stride, to);
    }

    private static void CopyOwn(AttentionSpan span, int dim, float* from, nint stride, float* to) =>
        CopyRows(span.Start, span.Own, dim, from, stride, to + (nint)span.Prefix * Width(dim));

    private static void CopyRows(long start, int rows, int dim, float* from, nint stride, float* to)
    {
        int width = Width(dim);
        for (int row = 0; row < rows; row++, to += width)
        {
            Copy(from + (nint)(start + row) * stride, to, dim);
            Clear(to + dim, width - dim);
        }
    }

    private static void AddAll(AttentionSpan span, int dim, float* from, float* to, nint stride)
    {
        for (int row = 0; row < span.Prefix + span.Own; row++, from += Width(dim))
        {
            float* target = to + (nint)(row < span.Prefix ? span.PrefixStart + row : span.Start + row - span.Prefix) * stride;
            for (int column = 0; column < dim; column++)
                target[column] += from[column];
        }
    }

    private static void Copy(float* from, float* to, int count) => Buffer.MemoryCopy(from, to, 4L * count, 4L * count);

    private static void Clear(float* at, nint count) => NativeMemory.Clear(at, (nuint)count * sizeof(float));
}
