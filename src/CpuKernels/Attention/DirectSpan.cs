
namespace MiniMind.MLNet.Dpo.CpuKernels.Attention;

/// <summary>Takes a span block by block straight from the caller's rows, for head widths that are multiples of 16.</summary>
internal static unsafe class DirectSpan
{
    /// <summary>Returns the floats of scratch that <see cref="Forward"/> needs.</summary>
    public static long ForwardScratch(int dim) => Math.Max(ForwardBlock.Scratch(dim), ForwardRow.Scratch(dim));

    /// <summary>Returns the floats of scratch that <see cref="Backward"/> needs.</summary>
    public static long BackwardScratch(int dim) => BackwardBlock.Scratch(dim);

    /// <summary>Does what <see cref="AttentionKernel.Forward"/> does.</summary>
    public static void Forward(AttentionSpan span, int dim, float scale, float* query, nint queryStride, float* key, float* value,
        nint keyStride, float* output, nint outputStride, float* logSumExp, nint logSumExpStride, float* scratch)
    {
        if (span.Own <= ForwardRow.MostRows)
        {
            ForwardRow.Run(span, dim, scale, query, queryStride, key, value, keyStride, output, outputStride, logSumExp, logSumExpStride,
                scratch);
            return;
        }

        ForwardBlock block = new(dim, keyStride, scratch);
        nint own = (nint)span.Start * keyStride;
        nint prefix = (nint)span.PrefixStart * keyStride;
        for (int first = 0; first < span.Own; first += TransposedRows.Count)
        {
            nint row = (nint)span.Start + first;
            nint past = first * keyStride;
            int rows = Math.Min(TransposedRows.Count, span.Own - first);
            block.Begin(query + row * queryStride, queryStride, rows, scale);
            block.Attend(key + prefix, value + prefix, span.Prefix, false);
            block.Attend(key + own, value + own, first, false);
            block.Attend(key + own + past, value + own + past, rows, true);
            block.End(output + row * outputStride, outputStride, logSumExp == null ? null : logSumExp + row * logSumExpStride,
                logSumExpStride);
        }
    }

    /// <summary>Does what <see cref="AttentionKernel.Backward"/> does.</summary>
    public static void Backward(AttentionSpan span, int dim, float scale, float* query, nint queryStride, float* key, float* value,
        nint keyStride, float* output, float* outputGradient, nint outputStride, float* logSumExp, nint logSumExpStride,
        float* queryGradient, float* keyGradient, float* valueGradient, nint keyGradientStride, float* scratch)
    {
        BackwardBlock block = new(dim, keyStride, keyGradientStride, scratch);
        nint own = (nint)span.Start * keyStride, ownGradient = (nint)span.Start * keyGradientStride;
        nint prefix = (nint)span.PrefixStart * keyStride, prefixGradient = (nint)span.PrefixStart * keyGradientStride;
        for (int first = 0; first < span.Own; first += TransposedRows.Count)
        {
            nint row = (nint)span.Start + first;
            nint past = own + first * keyStride, pastGradient = ownGradient + first * keyGradientStride;
            int rows = Math.Min(TransposedRows.Count, span.Own - first);
            block.Begin(query + row * queryStride, queryStride, output + row * outputStride, outputGradient + row * outputStride,
                outputStride, logSumExp + row * logSumExpStride, logSumExpStride, rows, scale);
            block.Attend(key + prefix, value + prefix, keyGradient + prefixGradient, valueGradient + prefixGradient, span.Prefix, false);
            block.Attend(key + own, value + own, keyGradient + ownGradient, valueGradient + ownGradient, first, false);
            block.Attend(key + past, value + past, keyGradient + pastGradient, valueGradient + pastGradient, rows, true);
            block.End(queryGradient + row * queryStride);
        }
    }
}
