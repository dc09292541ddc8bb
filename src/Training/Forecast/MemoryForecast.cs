using MiniMind.MLNet.Dpo.Modeling;
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
    public static MemoryForecast Of(ModelConfig config, BatchRows batch, BatchOptions options, DeviceType device)
    {
        long rows = batch.InputIds.LongLength, hidden = config.HiddenSize, compute = options.Mode.Type == ScalarType.Float32 ? Fp32 : Fp32 / 2;
        bool fused = options.Mode.Fused && FusedLayer.Fits(config, device, options.Mode.Type, training: true);
        long layer = fused ? FusedLayerMemory.Of(config, rows, compute) : LayerMemory.Of(config, batch, compute);
        long stream = rows * hidden * Fp32;
        long lastNorm = 2 * stream + rows * hidden * compute;
        long weights = compute == Fp32 ? 0 : LayerMemory.ProjectionWeights(config) * compute;
        long kept = options.Checkpointing
            ? config.LayerCount * stream + lastNorm
            : config.LayerCount * (layer + weights) + lastNorm;
        if (!fused)
            kept += AttentionMemory.Biases(batch, compute);
        long gradients = fused ? FusedLayerMemory.Gradients(config, rows, compute) : LayerMemory.Gradients(config, rows, compute);
        long backward = (options.Checkpointing ? layer + weights : 0) + gradients;
        return new MemoryForecast { Activations = kept, Transient = Math.Max(HeadMemory.Of(config, batch, options, device), backward) };
    }
}
