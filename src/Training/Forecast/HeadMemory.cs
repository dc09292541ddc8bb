using MiniMind.MLNet.Dpo.CpuKernels;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Forecast;

/// <summary>The memory of the head's pass over its largest slice, in bytes.</summary>
internal static class HeadMemory
{
    private const int Fp32 = sizeof(float);

    /// <summary>What lives at once while a slice runs.</summary>
    public static long Of(ModelConfig config, BatchRows batch, BatchOptions options, DeviceType device)
    {
        long labels = batch.Labels.LongLength, vocabulary = config.VocabularySize, hidden = config.HiddenSize,
            compute = options.Mode.Type == ScalarType.Float32 ? Fp32 : Fp32 / 2;
        long slice = Math.Min(labels, Math.Max(1, options.LogitsBudget / vocabulary));
        long rows = batch.InputIds.LongLength * hidden * Fp32 + 2 * slice * hidden * compute; // the hidden states' gradient, and the slice's rows with theirs
        long ofParts = batch.GroupLabels.Any(labels => labels > slice) ? vocabulary * hidden * Fp32 : 0; // the matrix's gradient of a group in parts
        if (options.Mode.Fused && HostProduct.Fits(device, options.Mode.Type))
        {
            long cast = compute == Fp32 ? 0 : vocabulary * hidden * compute;
            // of the matrix's gradient; one of several needs its share of the logits by itself, and the product copies that
            long part = Math.Min(vocabulary, HostProduct.LargestPart / hidden);
            // logits that become their gradient
            return rows + slice * vocabulary * compute + (part * hidden + (part < vocabulary ? 2 * slice * part : 0)) * compute + cast + ofParts;
        }
        // logits and their log-softmax; in low precision a copy, and the matrix's gradient before it is added
        return rows + 2 * slice * vocabulary * Fp32 + (compute == Fp32 ? 0 : slice * vocabulary * compute + vocabulary * hidden * compute) + ofParts;
    }
}
