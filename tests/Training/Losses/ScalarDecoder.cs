using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>A dense decoder with tied head in plain loops over doubles, to differentiate by differences: nothing of it is the library's.</summary>
internal sealed class ScalarDecoder(ModelConfig config, IReadOnlyDictionary<string, double[]> weights)
{
    /// <summary>Of each label that counts: its log-probability, and the logarithm of the summed squares of all probabilities there.</summary>
    public (double LogProb, double Collision)[] Score(Response response)
    {
        int length = response.NeededLength, hidden = config.HiddenSize;
        double[][] stream = [.. response.InputIds.Take(length).Select(id => weights["model.embed_tokens.weight"][(id * hidden)..((id + 1) * hidden)])];
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            string prefix = $"model.layers.{layer}.";
            double[][] mixed = Attend(prefix + "self_attn.", [.. stream.Select(row => Norm(row, weights[prefix + "input_layernorm.weight"]))]);
            stream = [.. stream.Zip(mixed, Sum)];
            stream = [.. stream.Select(row => Sum(row, Feed(prefix + "mlp.", Norm(row, weights[prefix + "post_attention_layernorm.weight"]))))];
        }
        List<(double, double)> scores = [];
        for (int t = 0; t < length; t++)
        {
            if (response.LossMask[t] == 0)
                continue;
            double[] logits = Product("model.embed_tokens.weight", Norm(stream[t], weights["model.norm.weight"]));
            double most = logits.Max(), total = most + Math.Log(logits.Sum(logit => Math.Exp(logit - most)));
            scores.Add((logits[response.Labels[t]] - total, Math.Log(logits.Sum(logit => Math.Exp(2 * (logit - total))))));
        }
        return [.. scores];
    }

    private static double[] Sum(double[] left, double[] right) => [.. left.Zip(right, (x, y) => x + y)];

    private double[] Norm(double[] row, double[] weight)
    {
        double inverse = 1 / Math.Sqrt(row.Sum(x => x * x) / row.Length + config.RmsNormEpsilon);
        return [.. row.Zip(weight, (x, w) => w * x * inverse)];
    }

    private double[] Product(string name, double[] row)
    {
        double[] matrix = weights[name];
        return [.. Enumerable.Range(0, matrix.Length / row.Length).Select(output => row.Select((x, i) => x * matrix[output * row.Length + i]).Sum())];
    }

    private double[] Feed(string prefix, double[] row)
    {
        IEnumerable<double> gated = Product(prefix + "gate_proj.weight", row)
            .Zip(Product(prefix + "up_proj.weight", row), (gate, up) => gate / (1 + Math.Exp(-gate)) * up);
        return Product(prefix + "down_proj.weight", [.. gated]);
    }

    private double[][] Attend(string prefix, double[][] rows)
    {
        double[][][] queries = Heads("q", rotate: true), keys = Heads("k", rotate: true), values = Heads("v", rotate: false); // (T, heads, D)
        return [.. rows.Select((_, t) => Product(prefix + "o_proj.weight", [.. Enumerable.Range(0, config.HeadCount).SelectMany(head => Mixed(t, head))]))];

        double[][][] Heads(string kind, bool rotate) => [.. rows.Select((row, t) => Product($"{prefix}{kind}_proj.weight", row).Chunk(config.HeadDim)
            .Select(head => rotate ? Rotated(Norm(head, weights[$"{prefix}{kind}_norm.weight"]), t) : head).ToArray())];

        double[] Mixed(int t, int head)
        {
            int shared = head / (config.HeadCount / config.KeyValueHeadCount);
            double[] scores = [.. Enumerable.Range(0, t + 1)
                .Select(s => queries[t][head].Zip(keys[s][shared], (x, y) => x * y).Sum() / Math.Sqrt(config.HeadDim))];
            double most = scores.Max(), total = scores.Sum(score => Math.Exp(score - most));
            return [.. Enumerable.Range(0, config.HeadDim)
                .Select(d => scores.Select((score, s) => Math.Exp(score - most) / total * values[s][shared][d]).Sum())];
        }
    }

    private double[] Rotated(double[] head, int position)
    {
        int half = head.Length / 2;
        double[] rotated = new double[head.Length];
        for (int i = 0; i < half; i++)
        {
            double angle = position * Math.Pow(config.RopeTheta, -2.0 * i / head.Length), cos = Math.Cos(angle), sin = Math.Sin(angle);
            (rotated[i], rotated[i + half]) = (head[i] * cos - head[i + half] * sin, head[i + half] * cos + head[i] * sin);
        }
        return rotated;
    }
}
