namespace MiniMind.MLNet.Dpo.Modeling.Kernels;

/// <summary>Causal attention of one query head over a span of rows, forward and backward, in fp32 on the calling thread; reads and writes nothing but the rows described and the scratch, which starts at a multiple of 64 bytes.</summary>
internal static unsafe class AttentionKernel
{
    /// <summary>Returns the floats of scratch that <see cref="Forward"/> needs.</summary>
    public static long ForwardScratch(AttentionSpan span, int dim) =>
        PaddedSpan.Needed(dim) ? PaddedSpan.ForwardScratch(span, dim) : DirectSpan.ForwardScratch(dim);

    /// <summary>Returns the floats of scratch that <see cref="Backward"/> needs.</summary>
    public static long BackwardScratch(AttentionSpan span, int dim) =>
        PaddedSpan.Needed(dim) ? PaddedSpan.BackwardScratch(span, dim) : DirectSpan.BackwardScratch(dim);

    /// <summary>Overwrites the own rows of output with softmax(scale * q k) v and, unless null, of logSumExp with the log of the summed exponentials of their scaled scores, in nats; pointers stand at row 0 of the head, strides are in elements.</summary>
    public static void Forward(AttentionSpan span, int dim, float scale, float* query, nint queryStride, float* key, float* value,
        nint keyStride, float* output, nint outputStride, float* logSumExp, nint logSumExpStride, float* scratch)
    {
        if (PaddedSpan.Needed(dim))
            PaddedSpan.Forward(span, dim, scale, query, queryStride, key, value, keyStride, output, outputStride, logSumExp,
                logSumExpStride, scratch);
        else
            DirectSpan.Forward(span, dim, scale, query, queryStride, key, value, keyStride, output, outputStride, logSumExp,
                logSumExpStride, scratch);
    }

    /// <summary>Overwrites the own rows of queryGradient and adds to the prefix and own rows of keyGradient and valueGradient, given the forward's output and logSumExp and the output's gradient; pointers stand at row 0 of the head, strides are in elements.</summary>
    public static void Backward(AttentionSpan span, int dim, float scale, float* query, nint queryStride, float* key, float* value,
        nint keyStride, float* output, float* outputGradient, nint outputStride, float* logSumExp, nint logSumExpStride,
        float* queryGradient, float* keyGradient, float* valueGradient, nint keyGradientStride, float* scratch)
    {
        if (PaddedSpan.Needed(dim))
            PaddedSpan.Backward(span, dim, scale, query, queryStride, key, value, keyStride, output, outputGradient, outputStride,
                logSumExp, logSumExpStride, queryGradient, keyGradient, valueGradient, keyGradientStride, scratch);
        else
            DirectSpan.Backward(span, dim, scale, query, queryStride, key, value, keyStride, output, outputGradient, outputStride,
                logSumExp, logSumExpStride, queryGradient, keyGradient, valueGradient, keyGradientStride, scratch);
    }
}
