using MiniMind.MLNet.Dpo.CpuKernels.Attention;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>What one forward pass hands to every layer.</summary>
internal sealed class ForwardContext
{
    /// <summary>How the N token rows attend to each other.</summary>
    public required IAttentionLayout Layout { get; init; }

    /// <summary>
    /// The sequences that the rows form, where the pass takes fused layers; <see langword="null"/> where it takes libtorch's operations one by one.
    /// </summary>
    public IReadOnlyList<AttentionSpan>? Spans { get; init; }

    /// <summary>Cosines of the rotary embedding, (N, 1, width): D, or what of it is rotated.</summary>
    public required Tensor Cosines { get; init; }

    /// <summary>Sines of the rotary embedding, first half negated, (N, 1, width).</summary>
    public required Tensor SignedSines { get; init; }

    /// <summary>The same for layers with frequencies of their own; <see langword="null"/> for a model without such.</summary>
    public (Tensor Cosines, Tensor SignedSines)? LocalTables { get; init; }

    /// <summary>The element type of matrix products; normalisations and the residual stream stay fp32.</summary>
    public required ScalarType ComputeType { get; init; }

    /// <summary>Whether dropout acts and routers report their load-balancing loss.</summary>
    public required bool Training { get; init; }

    /// <summary>How often each token row counts in the load-balancing loss, (N), fp32; <see langword="null"/> for once each.</summary>
    public Tensor? TokenWeights { get; init; }

    /// <summary>Load-balancing losses, one scalar per mixture-of-experts layer, filled while training; in the scope of <see cref="Cosines"/>.</summary>
    public List<Tensor> AuxiliaryLosses { get; } = [];

    /// <summary>Cosines and signed sines for a layer; <see langword="null"/> for one that does not rotate.</summary>
    public (Tensor Cosines, Tensor SignedSines)? TablesFor(AttentionPattern pattern) =>
        !pattern.Rotates ? null : pattern.IsLocal ? LocalTables : (Cosines, SignedSines);

    /// <summary>Routers' decisions, one per layer, filled where a list is given.</summary>
    public List<RouterChoice>? RouterTrace { get; init; }
}
