using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Bench.Peers.Training;

/// <summary>MiniMind's arithmetic, operation by operation, on TorchSharp's own operations: padded sides, the head on every row, autograd.</summary>
/// <param name="shape">The model.</param>
/// <param name="weights">Its weights by their names.</param>
/// <param name="bf16">Whether products are in bf16, as autocast has them.</param>
internal sealed class StockDecoder(ModelShape shape, IReadOnlyDictionary<string, Tensor> weights, bool bf16)
{
    /// <summary>Log-probabilities of labels.</summary>
    /// <param name="ids">(S, T), int64.</param>
    /// <param name="labels">(S, T), int64.</param>
    /// <param name="training">Whether experts' load-balancing loss is wanted.</param>
    /// <returns>(S, T), nats; and that loss, a scalar.</returns>
    public (Tensor LogProbs, Tensor Balance) LogProbs(Tensor ids, Tensor labels, bool training)
    {
        long T = ids.shape[1];
        Tensor hidden = weights["model.embed_tokens.weight"].index_select(0, ids.flatten()).view(ids.shape[0], T, -1), balance = zeros([]); // (S, T, hidden)
        (Tensor cosines, Tensor sines) = Rotation(T);
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            string name = $"model.layers.{layer}.";
            hidden = hidden + Attention(Norm(hidden, name + "input_layernorm.weight"), name + "self_attn.", cosines, sines);
            Tensor rows = Norm(hidden, name + "post_attention_layernorm.weight"); // (S, T, hidden)
            if (shape.Experts == 0)
            {
                hidden = hidden + FeedForward(rows, name + "mlp.");
                continue;
            }
            (Tensor mixed, Tensor loss) = Experts(rows.view(-1, shape.Hidden), name + "mlp.");
            hidden = hidden + mixed.view_as(hidden);
            if (training)
                balance = balance + loss;
        }
        Tensor logits = Linear(Norm(hidden, "model.norm.weight"), "model.embed_tokens.weight"); // (S, T, V)
        Tensor logProbs = nn.functional.log_softmax(logits.to(ScalarType.Float32), 2); // (S, T, V)
        return (logProbs.gather(2, labels.unsqueeze(2)).squeeze(-1), balance); // (S, T)
    }

    private Tensor Linear(Tensor rows, string weight) => bf16
        ? nn.functional.linear(rows.to(ScalarType.BFloat16), weights[weight].to(ScalarType.BFloat16))
        : nn.functional.linear(rows, weights[weight]);

    private Tensor Norm(Tensor rows, string weight)
    {
        Tensor wide = rows.to(ScalarType.Float32);
        return (weights[weight] * (wide * wide.square().mean([-1], keepdim: true).Add(shape.Epsilon).rsqrt())).to(rows.dtype);
    }

    private (Tensor Cosines, Tensor Sines) Rotation(long length)
    {
        Tensor frequencies = tensor(Enumerable.Range(0, shape.HeadDim / 2).Select(i => (float)(1 / Math.Pow(shape.RopeTheta, 2.0 * i / shape.HeadDim)))
            .ToArray());
        Tensor angles = outer(tensor(Enumerable.Range(0, (int)length).Select(t => (float)t).ToArray()), frequencies); // (T, D / 2)
        return (cat([angles.cos(), angles.cos()], -1).unsqueeze(1), cat([angles.sin(), angles.sin()], -1).unsqueeze(1)); // (T, 1, D) each
    }

    private Tensor Attention(Tensor rows, string name, Tensor cosines, Tensor sines)
    {
        (long S, long T) = (rows.shape[0], rows.shape[1]);
        Tensor Heads(string projection, int heads) => Linear(rows, $"{name}{projection}.weight").view(S, T, heads, shape.HeadDim); // (S, T, heads, D)
        Tensor Turned(Tensor heads) => (heads * cosines + Half(heads) * sines).to(heads.dtype);
        Tensor Half(Tensor heads)
        {
            Tensor[] halves = heads.chunk(2, -1);
            return cat([halves[1].neg(), halves[0]], -1);
        }
        Tensor Repeated(Tensor heads) => heads.unsqueeze(3).expand(S, T, shape.KeyValueHeads, shape.Heads / shape.KeyValueHeads, shape.HeadDim)
            .reshape(S, T, shape.Heads, shape.HeadDim);
        Tensor query = Turned(Norm(Heads("q_proj", shape.Heads), name + "q_norm.weight"));
        Tensor key = Repeated(Turned(Norm(Heads("k_proj", shape.KeyValueHeads), name + "k_norm.weight")));
        Tensor value = Repeated(Heads("v_proj", shape.KeyValueHeads)); // (S, T, heads, D) each
        Tensor mixed = nn.functional.scaled_dot_product_attention(query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2), is_casual: true);
        return Linear(mixed.transpose(1, 2).reshape(S, T, -1), name + "o_proj.weight"); // (S, T, hidden)
    }

    private Tensor FeedForward(Tensor rows, string name) =>
        Linear(nn.functional.silu(Linear(rows, name + "gate_proj.weight")) * Linear(rows, name + "up_proj.weight"), name + "down_proj.weight");

    private (Tensor Mixed, Tensor Balance) Experts(Tensor rows, string name)
    {
        Tensor scores = nn.functional.softmax(Linear(rows, name + "gate.weight").to(ScalarType.Float32), -1); // (N, E)
        (Tensor factors, Tensor chosen) = scores.topk(shape.PerToken, -1, sorted: false); // (N, K) each
        if (shape.NormalizeTopK)
            factors = factors / factors.sum(-1, keepdim: true).Add(1e-20);
        Tensor mixed = zeros_like(rows); // (N, hidden)
        for (int expert = 0; expert < shape.Experts; expert++)
        {
            Tensor taken = chosen.EqualTo(expert), own = taken.any(-1).nonzero().flatten(); // (N, K), (n)
            if (own.shape[0] > 0)
            {
                Tensor given = FeedForward(rows.index_select(0, own), $"{name}experts.{expert}.") * factors.masked_select(taken).view(-1, 1);
                mixed = mixed.IndexAdd(0, own, given.to(mixed.dtype));
            }
        }
        Tensor load = nn.functional.one_hot(chosen, shape.Experts).to(ScalarType.Float32).mean([0]); // (K, E)
        return (mixed, (load * scores.mean([0])).sum().Mul(shape.Experts * shape.Balance));
    }
}
