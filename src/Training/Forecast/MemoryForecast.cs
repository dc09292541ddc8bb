using MiniMind.MLNet.Dpo.Modeling;
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
    public static MemoryForecast Of(ModelConfig config, BatchRows batch, BatchOptions options)
    {
        long rows = batch.InputIds.LongLength, hidden = config.HiddenSize, compute = options.Mode.Type == ScalarType.Float32 ? Fp32 : Fp32 / 2;
        long layer = LayerMemory.Of(config, batch, compute);
        long stream = rows * hidden * Fp32;
        long lastNorm = 2 * stream + rows * hidden * compute;
        long weights = compute == Fp32 ? 0 : LayerMemory.ProjectionWeights(config) * compute;
        long kept = options.Checkpointing
            ? config.LayerCount * stream + lastNorm
            : config.LayerCount * (layer + weights) + lastNorm;
        kept += AttentionMemory.Biases(batch, compute);

        long labels = batch.Labels.LongLength, vocabulary = config.VocabularySize;
        long slice = Math.Min(labels, Math.Max(1, options.LogitsBudget / vocabulary));
        long head = slice * hidden * compute + 2 * slice * vocabulary * Fp32 + (compute == Fp32 ? 0 : slice * vocabulary * compute + vocabulary * hidden * compute) // logits and their log-softmax; in low precision a copy, and the matrix's gradient before it is added
            + (batch.GroupLabels.Any(labels => labels > slice) ? vocabulary * hidden * Fp32 : 0); // the matrix's gradient of a group in parts
        long backward = (options.Checkpointing ? layer + weights : 0) + LayerMemory.Gradients(config, rows, compute);
        return new MemoryForecast { Activations = kept, Transient = Math.Max(head, backward) };
    }
}
