using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using MiniMind.MLNet.Dpo.Training.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Forecast;

/// <summary>The memory that one forward and backward pass takes at its peak, counted from the shapes of what autograd keeps.</summary>
internal sealed record MemoryForecast
{
    private const int Fp32 = sizeof(float);

    /// <summary>What is kept from the forward to the backward pass: activations and, in low precision, weights that were cast.</summary>
    public required long Activations { get; init; }

    /// <summary>What comes on top of it at the peak: logits with their gradients, or the gradients within one layer.</summary>
    public required long Transient { get; init; }

    /// <summary>Both.</summary>
    public long Pass => Activations + Transient;

    /// <summary>Counts a batch.</summary>
    /// <param name="config">The model.</param>
    /// <param name="batch">The rows.</param>
    /// <param name="options">How they are computed.</param>
    /// <param name="device">Where.</param>
    /// <param name="trained">Which of the weights are trained; <see langword="null"/> for all.</param>
    public static MemoryForecast Of(ModelConfig config, BatchRows batch, BatchOptions options, DeviceType device, PassWeights? trained = null)
    {
        trained ??= PassWeights.All(config);
        long rows = batch.InputIds.LongLength, hidden = config.HiddenSize, compute = options.Mode.Type == ScalarType.Float32 ? Fp32 : Fp32 / 2;
        bool fused = options.Mode.Fused && FusedLayer.Fits(config, device, options.Mode.Type, training: true);
        (int Window, int Layers)[] kinds = [.. Enumerable.Range(config.LayerCount - trained.Layers, trained.Layers)
            .GroupBy(layer => AttentionPattern.Of(config, layer).Window)
            .Select(kind => (kind.Key, kind.Count()))];
        long Layer(int window) => trained.Kept(rows, compute)
            + (fused ? FusedLayerMemory.Of(config, rows, compute) : LayerMemory.Of(config, batch, compute, window));
        long stream = rows * hidden * Fp32;
        long lastNorm = 2 * stream + rows * hidden * compute;
        long weights = trained.IsCast(options.Mode.Type, fused) ? LayerMemory.ProjectionWeights(config) * compute : 0;
        long kept = options.Checkpointing
            ? trained.Layers * stream + lastNorm
            : kinds.Sum(kind => kind.Layers * (Layer(kind.Window) + weights)) + lastNorm;
        long windowBiases = kinds.Sum(kind => AttentionMemory.WindowBiases(batch, compute, kind.Window));
        kept += windowBiases;
        if (!fused)
            kept += AttentionMemory.Biases(batch, compute);
        long gradients = fused ? FusedLayerMemory.Gradients(config, rows, compute) : LayerMemory.Gradients(config, rows, compute);
        // attention within a window runs again, with a graph and its gradients
        if (fused && windowBiases > 0)
            gradients += kinds.Max(kind => AttentionMemory.Of(config, batch, compute, kind.Window)) + 5 * rows * config.HeadCount * config.HeadDim * Fp32;
        long backward = (options.Checkpointing ? kinds.Max(kind => Layer(kind.Window)) + weights : 0) + gradients;
        return new MemoryForecast { Activations = kept, Transient = Math.Max(HeadMemory.Of(config, batch, options, device, trained), backward) };
    }
}
