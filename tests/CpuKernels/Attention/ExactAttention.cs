using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Attention;

/// <summary>Causal attention of one head in fp64, and autograd's gradients.</summary>
/// <param name="Output">(own, D).</param>
/// <param name="LogSums">Each row's logarithm of its summed exponentials, (own).</param>
/// <param name="Query">The queries' gradient, (own, D).</param>
/// <param name="Key">The keys' gradient, (prefix + own, D).</param>
/// <param name="Value">The values' gradient, (prefix + own, D).</param>
internal sealed record ExactAttention(Tensor Output, Tensor LogSums, Tensor Query, Tensor Key, Tensor Value)
{
    /// <summary>Attends.</summary>
    /// <param name="query">(own, D).</param>
    /// <param name="key">(prefix + own, D).</param>
    /// <param name="value">(prefix + own, D).</param>
    /// <param name="gradient">With respect to the output, (own, D).</param>
    /// <param name="scale">The scores' factor.</param>
    /// <returns>Tensors in the current scope.</returns>
    public static ExactAttention Of(Tensor query, Tensor key, Tensor value, Tensor gradient, double scale)
    {
        (query, key, value) = (query.Exact(), key.Exact(), value.Exact());
        long own = query.shape[0], all = key.shape[0];
        Tensor hidden = ones(own, all).triu(all - own + 1).to(ScalarType.Bool); // (own, prefix + own)
        Tensor scores = (query.mm(key.t()) * scale).masked_fill(hidden, double.NegativeInfinity); // (own, prefix + own)
        Tensor output = scores.softmax(1).mm(value); // (own, D)
        output.backward([gradient.to(ScalarType.Float64)]);
        return new ExactAttention(output.detach(), scores.detach().logsumexp(1), query.grad!, key.grad!, value.grad!);
    }
}
