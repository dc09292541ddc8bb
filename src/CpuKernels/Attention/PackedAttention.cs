using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Attention;

/// <summary>Grouped-query attention over spans of rows, heads and spans divided over threads.</summary>
public static unsafe class PackedAttention
{
    /// <summary>Attends.</summary>
    /// <param name="query">(N, heads * D), fp32.</param>
    /// <param name="key">(N, key-value heads * D), fp32.</param>
    /// <param name="value">(N, key-value heads * D), fp32.</param>
    /// <param name="spans">The sequences; together they own every row once.</param>
    /// <param name="dim">D.</param>
    /// <param name="scale">The scores' factor; by default one over the root of D.</param>
    /// <returns>(N, heads * D), and each row's logarithm of its summed exponentials, (heads, N), fp32, in the current scope.</returns>
    public static (Tensor Output, Tensor LogSums) Forward(
        Tensor query, Tensor key, Tensor value, IReadOnlyList<AttentionSpan> spans, int dim, float? scale = null)
    {
        Tensor output = empty_like(query), logSums = empty(query.shape[1] / dim, query.shape[0]); // (N, heads * D), (heads, N)
        nint rows = (nint)query.shape[0], stride = (nint)query.shape[1], keyStride = (nint)key.shape[1], heads = stride / dim, group = stride / keyStride;
        float* queries = KernelMemory.Fp32(query), keys = KernelMemory.Fp32(key), values = KernelMemory.Fp32(value), to = KernelMemory.Fp32(output),
            sums = KernelMemory.Fp32(logSums);
        AttentionSpan[] largestFirst = [.. spans.Where(span => span.Own > 0).OrderByDescending(span => span.Work)];
        float factor = scale ?? Scale(dim);
        int threads = get_num_threads();
        using Tensor scratch = Scratch(threads, spans.Max(span => AttentionKernel.ForwardScratch(span, dim)));
        nint room = (nint)scratch.shape[1];
        float* memory = KernelMemory.Fp32(scratch);
        HostThreads.Run(checked((int)(largestFirst.Length * heads)), threads, (part, thread) =>
        {
            nint head = part % heads, place = head / group * dim;
            AttentionKernel.Forward(
                largestFirst[part / (int)heads], dim, factor, queries + head * dim, stride, keys + place, values + place, keyStride,
                to + head * dim, stride, sums + head * rows, 1, memory + thread * room);
        });
        return (output, logSums);
    }

    /// <summary>The gradients.</summary>
    /// <param name="query">(N, heads * D), fp32, as all others that the forward pass took or gave.</param>
    /// <param name="key">(N, key-value heads * D).</param>
    /// <param name="value">(N, key-value heads * D).</param>
    /// <param name="output">(N, heads * D).</param>
    /// <param name="logSums">(heads, N).</param>
    /// <param name="gradient">With respect to the output, (N, heads * D).</param>
    /// <param name="spans">The sequences.</param>
    /// <param name="dim">D.</param>
    /// <param name="scale">As the forward pass took it.</param>
    /// <returns>
    /// (N, heads * D) each, fp32, in the current scope: with respect to the query, and with respect to the keys and values that each query head sees, so that
    /// heads need not wait for each other; those of a key-value head stand beside each other and are to be summed.
    /// </returns>
    public static (Tensor Query, Tensor Key, Tensor Value) Backward(
        Tensor query, Tensor key, Tensor value, Tensor output, Tensor logSums, Tensor gradient, IReadOnlyList<AttentionSpan> spans, int dim,
        float? scale = null)
    {
        Tensor queryGradient = empty_like(query), keyGradient = zeros_like(query), valueGradient = zeros_like(query); // (N, heads * D)
        nint rows = (nint)query.shape[0], stride = (nint)query.shape[1], keyStride = (nint)key.shape[1], heads = stride / dim, group = stride / keyStride;
        float* queries = KernelMemory.Fp32(query), keys = KernelMemory.Fp32(key), values = KernelMemory.Fp32(value), outputs = KernelMemory.Fp32(output),
            upper = KernelMemory.Fp32(gradient);
        float* sums = KernelMemory.Fp32(logSums), byQuery = KernelMemory.Fp32(queryGradient), byKey = KernelMemory.Fp32(keyGradient),
            byValue = KernelMemory.Fp32(valueGradient);
        AttentionSpan[][] families = Families(spans);
        float factor = scale ?? Scale(dim);
        int threads = get_num_threads();
        using Tensor scratch = Scratch(threads, spans.Max(span => AttentionKernel.BackwardScratch(span, dim)));
        nint room = (nint)scratch.shape[1];
        float* memory = KernelMemory.Fp32(scratch);
        HostThreads.Run(checked((int)(families.Length * heads)), threads, (part, thread) =>
        {
            nint head = part % heads, place = head / group * dim;
            foreach (AttentionSpan span in families[part / (int)heads])
            {
                AttentionKernel.Backward(
                    span, dim, factor, queries + head * dim, stride, keys + place, values + place, keyStride, outputs + head * dim, upper + head * dim, stride,
                    sums + head * rows, 1,
                    byQuery + head * dim, byKey + head * dim, byValue + head * dim, stride, memory + thread * room);
            }
        });
        return (queryGradient, keyGradient, valueGradient);
    }

    /// <summary>Spans that share rows, which one thread takes one after the other; the most work first.</summary>
    internal static AttentionSpan[][] Families(IReadOnlyList<AttentionSpan> spans)
    {
        List<List<AttentionSpan>> families = [];
        foreach (AttentionSpan span in spans.Where(span => span.Own > 0))
        {
            // a prefix always belongs to a span before
            List<AttentionSpan>? family = span.Prefix == 0 ? null
                : families.Find(known => known.Exists(other => other.Start <= span.PrefixStart && span.PrefixStart < other.Start + other.Own));
            if (family is null)
                families.Add([span]);
            else
                family.Add(span);
        }
        return [.. families.Select(family => family.ToArray()).OrderByDescending(family => family.Sum(span => span.Work))];
    }

    private static float Scale(int dim) => 1 / MathF.Sqrt(dim);

    private static Tensor Scratch(int threads, long floats) => empty(threads, (floats + 15) / 16 * 16); // (threads, floats): rows begin at 64 bytes
}
