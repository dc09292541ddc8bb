using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling.Attention;

/// <summary>What <see cref="FlashAttention"/> computes, in plain operations on any device: what it is held against.</summary>
internal static class PlainAttention
{
    /// <summary>Softmax attention of every sequence's own rows over its keys, causal from the last row up.</summary>
    /// <param name="plan">The sequences.</param>
    /// <param name="query">(N, heads, D).</param>
    /// <param name="key">(N, key-value heads, D).</param>
    /// <param name="value">(N, key-value heads, D).</param>
    /// <param name="window">How many rows of its sequence, itself the last, each may see; 0 for all.</param>
    /// <returns>(N, heads * D).</returns>
    public static Tensor Attend(VariableLengthPlan plan, Tensor query, Tensor key, Tensor value, int window)
    {
        using DisposeScope scope = NewDisposeScope();
        int[] queryStarts = plan.QueryStarts.cpu().data<int>().ToArray(), keyStarts = plan.KeyStarts.cpu().data<int>().ToArray();
        long groups = query.shape[1] / key.shape[1];
        Tensor keys = plan.Gather(key).repeat_interleave(groups, 1), values = plan.Gather(value).repeat_interleave(groups, 1); // (K, heads, D)
        Tensor[] outputs = new Tensor[queryStarts.Length - 1];
        for (int i = 0; i < outputs.Length; i++)
        {
            long own = queryStarts[i + 1] - queryStarts[i], seen = keyStarts[i + 1] - keyStarts[i];
            Tensor asking = query.narrow(0, queryStarts[i], own).transpose(0, 1); // (heads, own, D)
            Tensor answering = keys.narrow(0, keyStarts[i], seen).permute(1, 2, 0); // (heads, D, seen)
            Tensor scores = asking.matmul(answering).Div(Math.Sqrt(query.shape[2])); // (heads, own, seen)
            Tensor weights = nn.functional.softmax(scores.Add(WindowBias.Of(own, seen, window, scores.dtype, scores.device)), -1); // (heads, own, seen)
            outputs[i] = weights.matmul(values.narrow(0, keyStarts[i], seen).transpose(0, 1)).transpose(0, 1).reshape(own, -1); // (own, heads * D)
        }
        return cat(outputs).MoveToOuterDisposeScope(); // (N, heads * D)
    }
}
