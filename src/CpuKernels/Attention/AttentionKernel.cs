
namespace MiniMind.MLNet.Dpo.CpuKernels.Attention;

/// <summary>Causal attention of one query head over a span of rows, forward and backward, in fp32 on the calling thread.</summary>
/// <remarks>It reads and writes nothing but the rows described and the scratch, which starts at a multiple of 64 bytes.</remarks>
internal static unsafe class AttentionKernel
{
    /// <summary>Returns the floats of scratch that <see cref="Forward"/> needs.</summary>
    public static long ForwardScratch(AttentionSpan span, int dim) =>
        PaddedSpan.Needed(dim) ? PaddedSpan.ForwardScratch(span, dim) : DirectSpan.ForwardScratch(dim);

    /// <summary>Returns the floats of scratch that <see cref="Backward"/> needs.</summary>
    public static long BackwardScratch(AttentionSpan span, int dim) =>
        PaddedSpan.Needed(dim) ? PaddedSpan.BackwardScratch(span, dim) : DirectSpan.BackwardScratch(dim);

    /// <summary>Attends: softmax(scale * q k) v.</summary>
    /// <param name="span">The rows of the sequence.</param>
    /// <param name="dim">D, the head's width.</param>
    /// <param name="scale">The scores' factor.</param>
    /// <param name="query">Row 0 of the head's queries, as all pointers to rows stand at row 0 of the head.</param>
    /// <param name="queryStride">Elements from one query to the next.</param>
    /// <param name="key">Row 0 of the keys.</param>
    /// <param name="value">Row 0 of the values.</param>
    /// <param name="keyStride">Elements from one key to the next, and from one value to the next.</param>
    /// <param name="output">Row 0 of the outputs; own rows are overwritten.</param>
    /// <param name="outputStride">Elements from one output to the next.</param>
    /// <param name="logSumExp">Row 0 of the logarithms of summed exponentials of scaled scores, in nats; own rows are overwritten. Null where they are not
    /// wanted.</param>
    /// <param name="logSumExpStride">Elements from one of them to the next.</param>
    /// <param name="scratch">As many floats as <see cref="ForwardScratch"/> says.</param>
    public static void Forward(AttentionSpan span, int dim, float scale, float* query, nint queryStride, float* key, float* value,
        nint keyStride, float* output, nint outputStride, float* logSumExp, nint logSumExpStride, float* scratch)
    {
        if (PaddedSpan.Needed(dim))
        {
            PaddedSpan.Forward(span, dim, scale, query, queryStride, key, value, keyStride, output, outputStride, logSumExp,
                logSumExpStride, scratch);
        }
        else
        {
            DirectSpan.Forward(span, dim, scale, query, queryStride, key, value, keyStride, output, outputStride, logSumExp,
                logSumExpStride, scratch);
        }
    }

    /// <summary>The gradients with respect to queries, keys and values.</summary>
    /// <param name="span">The rows of the sequence.</param>
    /// <param name="dim">D, the head's width.</param>
    /// <param name="scale">The scores' factor.</param>
    /// <param name="query">Row 0 of the head's queries, as all pointers to rows stand at row 0 of the head.</param>
    /// <param name="queryStride">Elements from one query to the next.</param>
    /// <param name="key">Row 0 of the keys.</param>
    /// <param name="value">Row 0 of the values.</param>
    /// <param name="keyStride">Elements from one key to the next, and from one value to the next.</param>
    /// <param name="output">Row 0 of what <see cref="Forward"/> gave.</param>
    /// <param name="outputGradient">Row 0 of the gradient with respect to it.</param>
    /// <param name="outputStride">Elements from one row of these two to the next.</param>
    /// <param name="logSumExp">Row 0 of what <see cref="Forward"/> gave.</param>
    /// <param name="logSumExpStride">Elements from one of them to the next.</param>
    /// <param name="queryGradient">Row 0 of the queries' gradient, with the queries' stride; own rows are overwritten.</param>
    /// <param name="keyGradient">Row 0 of the keys' gradient; prefix and own rows are added to.</param>
    /// <param name="valueGradient">Row 0 of the values' gradient; prefix and own rows are added to.</param>
    /// <param name="keyGradientStride">Elements from one row of these two to the next.</param>
    /// <param name="scratch">As many floats as <see cref="BackwardScratch"/> says.</param>
    public static void Backward(AttentionSpan span, int dim, float scale, float* query, nint queryStride, float* key, float* value,
        nint keyStride, float* output, float* outputGradient, nint outputStride, float* logSumExp, nint logSumExpStride,
        float* queryGradient, float* keyGradient, float* valueGradient, nint keyGradientStride, float* scratch)
    {
        if (PaddedSpan.Needed(dim))
        {
            PaddedSpan.Backward(span, dim, scale, query, queryStride, key, value, keyStride, output, outputGradient, outputStride,
                logSumExp, logSumExpStride, queryGradient, keyGradient, valueGradient, keyGradientStride, scratch);
        }
        else
        {
            DirectSpan.Backward(span, dim, scale, query, queryStride, key, value, keyStride, output, outputGradient, outputStride,
                logSumExp, logSumExpStride, queryGradient, keyGradient, valueGradient, keyGradientStride, scratch);
        }
    }
}
