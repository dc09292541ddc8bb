using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>Attention within a fused layer by libtorch's operations, for what the kernel over spans does not compute: windows.</summary>
/// <remarks>Its backward pass attends again, so that nothing is kept in between.</remarks>
/// <param name="layout">Which rows see each other.</param>
/// <param name="config">The model's shape.</param>
/// <param name="layer">The layer's index.</param>
/// <param name="window">How many rows, itself the last, each may see.</param>
/// <param name="type">Element type of the products.</param>
internal sealed class MaskedAttention(IAttentionLayout layout, ModelConfig config, int layer, int window, ScalarType type)
{
    /// <summary>Attends.</summary>
    /// <param name="query">(N, heads * D), fp32, rotated.</param>
    /// <param name="key">(N, key-value heads * D), fp32, rotated.</param>
    /// <param name="value">(N, key-value heads * D), fp32.</param>
    /// <returns>(N, heads * D), fp32, in the current scope.</returns>
    public Tensor Forward(Tensor query, Tensor key, Tensor value)
    {
        using DisposeScope scope = NewDisposeScope();
        return Attend(query, key, value).MoveToOuterDisposeScope(); // (N, heads * D)
    }

    /// <summary>The gradients with respect to what <see cref="Forward"/> took, from that of what it gave; fp32, in the current scope.</summary>
    public (Tensor Query, Tensor Key, Tensor Value) Backward(Tensor query, Tensor key, Tensor value, Tensor gradient)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor[] inputs = [.. new[] { query, key, value }.Select(input => input.detach().requires_grad_())];
        using (enable_grad())
            Attend(inputs[0], inputs[1], inputs[2]).backward([gradient]);
        return (inputs[0].grad!.MoveToOuterDisposeScope(), inputs[1].grad!.MoveToOuterDisposeScope(), inputs[2].grad!.MoveToOuterDisposeScope());
    }

    private Tensor Attend(Tensor query, Tensor key, Tensor value)
    {
        // libtorch's kernel divides by the root of D
        if (config.QueryPreAttentionScalar is not null)
            query = query.Mul(config.ScoreScale * Math.Sqrt(config.HeadDim));
        return layout.Attend(layer, Split(query), Split(key), Split(value), 0, window).to(ScalarType.Float32); // (N, heads * D)
    }

    private Tensor Split(Tensor rows) => rows.view(rows.shape[0], -1, config.HeadDim).to(type); // (N, heads, D)
}
