using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling.Attention;

/// <summary>Grouped-query attention on libtorch's fused kernel, which wants as many key-value heads as query heads.</summary>
internal static class ScaledDotProduct
{
    /// <summary>Attention of (B, T, heads, D) over (B, S, kv, D).</summary>
    /// <param name="query">(B, T, heads, D).</param>
    /// <param name="key">(B, S, kv, D).</param>
    /// <param name="value">(B, S, kv, D).</param>
    /// <param name="bias">Added to the scores, broadcast to (B, heads, T, S); <see langword="null"/> for none.</param>
    /// <param name="causal">Whether row t sees columns up to t only; needs T = S.</param>
    /// <param name="dropout">Share of attention weights dropped.</param>
    /// <returns>(B, T, heads * D).</returns>
    public static Tensor Attend(Tensor query, Tensor key, Tensor value, Tensor? bias, bool causal, double dropout)
    {
        using DisposeScope scope = NewDisposeScope();
        long B = query.shape[0], T = query.shape[1], heads = query.shape[2], D = query.shape[3], groups = key.shape[2];
        if (T == 1 && bias is null && groups < heads)
        {
            // one row sees every column, so the heads of a group can stand where rows stand, and nothing is repeated
            return nn.functional.scaled_dot_product_attention(
                query.view(B, groups, heads / groups, D), key.transpose(1, 2), value.transpose(1, 2), null, dropout, false)
                .reshape(B, 1, heads * D).MoveToOuterDisposeScope(); // (B, 1, heads * D)
        }
        Tensor output = nn.functional.scaled_dot_product_attention(
            query.transpose(1, 2), Repeat(key, heads).transpose(1, 2), Repeat(value, heads).transpose(1, 2), bias, dropout, causal); // (B, heads, T, D)
        return output.transpose(1, 2).reshape(B, T, heads * D).MoveToOuterDisposeScope(); // (B, T, heads * D)
    }

    private static Tensor Repeat(Tensor keyValue, long heads)
    {
        long B = keyValue.shape[0], S = keyValue.shape[1], groups = keyValue.shape[2], D = keyValue.shape[3];
        return groups == heads
            ? keyValue
            : keyValue.unsqueeze(3).expand(B, S, groups, heads / groups, D).reshape(B, S, heads, D); // (B, S, heads, D)
    }
}
