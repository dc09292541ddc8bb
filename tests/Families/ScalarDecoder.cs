namespace MiniMind.MLNet.Dpo.Tests.Families;

/// <summary>
/// A decoder in plain double-precision loops, read off the families' papers and configurations: the tests' independent opinion. It knows neither the library
/// nor a tensor library.
/// </summary>
internal sealed class ScalarDecoder
{
    /// <summary>Numbers of a checkpoint by name, row-major.</summary>
    public required IReadOnlyDictionary<string, double[]> Weights { get; init; }

    public required int Hidden { get; init; }

    public required int Layers { get; init; }

    public required int Heads { get; init; }

    public required int KeyValueHeads { get; init; }

    public required int HeadDim { get; init; }

    public required int Intermediate { get; init; }

    public required double Epsilon { get; init; }

    /// <summary>Radians per position of each rotated pair, for a layer; none for a layer that does not rotate.</summary>
    public required Func<int, double[]> Frequencies { get; init; }

    /// <summary>Other frequencies of sequences longer than a length.</summary>
    public (int Beyond, double[] Frequencies)? LongFrequencies { get; init; }

    /// <summary>The factor on cosines and sines.</summary>
    public double RotationFactor { get; init; } = 1;

    /// <summary>How many tokens, itself the last, a token sees in a layer.</summary>
    public Func<int, int> Window { get; init; } = _ => int.MaxValue;

    /// <summary>Multiplies the scores; one over the root of the head's width where not given.</summary>
    public double? ScoreScale { get; init; }

    public Func<double, double> Activation { get; init; } = x => x / (1 + Math.Exp(-x));

    /// <summary>Added to the weights of norms.</summary>
    public double NormOffset { get; init; }

    public double EmbeddingScale { get; init; } = 1;

    public bool QkNorm { get; init; }

    /// <summary>Whether both sides of a layer's parts are normalised.</summary>
    public bool Sandwich { get; init; }

    /// <summary>Whether queries, keys and values stand in one matrix, and gate and up in another.</summary>
    public bool Fused { get; init; }

    /// <summary>Routed experts, how many each token takes, whether their weights are made to sum to one, and shared ones; none for a dense model.</summary>
    public (int Count, int PerToken, bool Normalised, int Shared)? Experts { get; init; }

    /// <summary>Logits of every position.</summary>
    public double[][] Logits(int[] ids)
    {
        double[] head = Weights.TryGetValue("lm_head.weight", out double[]? own) ? own : Weights["model.embed_tokens.weight"];
        return [.. HiddenStates(ids).Select(row => Multiply(head, row))];
    }

    /// <summary>What the head sees of every position.</summary>
    public double[][] HiddenStates(int[] ids)
    {
        double[] embedding = Weights["model.embed_tokens.weight"];
        double[][] stream = [.. ids.Select(id => embedding[(id * Hidden)..((id + 1) * Hidden)].Select(x => x * EmbeddingScale).ToArray())];
        for (int layer = 0; layer < Layers; layer++)
        {
            string name = $"model.layers.{layer}.";
            double[][] attended = Attention(layer, [.. stream.Select(row => Norm(row, name + "input_layernorm.weight"))]);
            for (int t = 0; t < ids.Length; t++)
            {
                stream[t] = Sum(stream[t], Sandwich ? Norm(attended[t], name + "post_attention_layernorm.weight") : attended[t]);
                double[] raised = FeedForward(name, Norm(stream[t], name + (Sandwich ? "pre_feedforward_layernorm.weight"
                    : "post_attention_layernorm.weight")));
                stream[t] = Sum(stream[t], Sandwich ? Norm(raised, name + "post_feedforward_layernorm.weight") : raised);
            }
        }
        return [.. stream.Select(row => Norm(row, "model.norm.weight"))];
    }

    private double[][] Attention(int layer, double[][] rows)
    {
        string name = $"model.layers.{layer}.self_attn.";
        (double[][] queries, double[][] keys, double[][] values) = Projected(name, rows);
        for (int t = 0; t < rows.Length; t++)
        {
            for (int head = 0; head < Heads; head++)
                Turn(queries[t].AsSpan(head * HeadDim, HeadDim), name + "q_norm.weight", t, layer, rows.Length);
            for (int head = 0; head < KeyValueHeads; head++)
                Turn(keys[t].AsSpan(head * HeadDim, HeadDim), name + "k_norm.weight", t, layer, rows.Length);
        }
        double scale = ScoreScale ?? 1 / Math.Sqrt(HeadDim);
        int group = Heads / KeyValueHeads;
        double[][] output = new double[rows.Length][];
        for (int t = 0; t < rows.Length; t++)
        {
            double[] mixed = new double[Heads * HeadDim];
            int first = (int)Math.Max(0, t - (long)Window(layer) + 1);
            for (int head = 0; head < Heads; head++)
            {
                int at = head * HeadDim, seen = head / group * HeadDim;
                double[] scores = new double[t - first + 1];
                for (int s = first; s <= t; s++)
                {
                    for (int d = 0; d < HeadDim; d++)
                        scores[s - first] += queries[t][at + d] * keys[s][seen + d] * scale;
                }
                double largest = scores.Max(), total = scores.Sum(score => Math.Exp(score - largest));
                for (int s = first; s <= t; s++)
                {
                    for (int d = 0; d < HeadDim; d++)
                        mixed[at + d] += Math.Exp(scores[s - first] - largest) / total * values[s][seen + d];
                }
            }
            output[t] = Multiply(Weights[name + "o_proj.weight"], mixed);
        }
        return output;
    }

    private (double[][] Queries, double[][] Keys, double[][] Values) Projected(string name, double[][] rows)
    {
        if (!Fused)
            return (Project("q_proj"), Project("k_proj"), Project("v_proj"));
        int queries = Heads * HeadDim, keys = KeyValueHeads * HeadDim;
        double[][] all = Project("qkv_proj");
        return ([.. all.Select(row => row[..queries])], [.. all.Select(row => row[queries..(queries + keys)])],
            [.. all.Select(row => row[(queries + keys)..])]);

        double[][] Project(string part) => [.. rows.Select(row =>
        {
            double[] product = Multiply(Weights[$"{name}{part}.weight"], row);
            return Weights.TryGetValue($"{name}{part}.bias", out double[]? bias) ? Sum(product, bias) : product;
        })];
    }

    /// <summary>Normalises a head where the model does, and rotates the first of its numbers: pair i is numbers i and i + half.</summary>
    private void Turn(Span<double> head, string norm, int position, int layer, int length)
    {
        if (QkNorm)
            Norm(head.ToArray(), norm).CopyTo(head);
        double[] frequencies = LongFrequencies is var (beyond, others) && length > beyond ? others : Frequencies(layer);
        int half = frequencies.Length;
        for (int i = 0; i < half; i++)
        {
            (double sine, double cosine) = Math.SinCos(position * frequencies[i]);
            (double low, double high) = (head[i], head[half + i]);
            head[i] = (low * cosine - high * sine) * RotationFactor;
            head[half + i] = (high * cosine + low * sine) * RotationFactor;
        }
    }

    private double[] FeedForward(string layer, double[] row)
    {
        if (Experts is not { } experts)
            return Gated(layer + "mlp.", row);
        double[] scores = Multiply(Weights[layer + "mlp.gate.weight"], row);
        double[] shares = [.. scores.Select(score => Math.Exp(score - scores.Max()))];
        shares = [.. shares.Select(share => share / shares.Sum())];
        int[] chosen = [.. Enumerable.Range(0, experts.Count).OrderByDescending(expert => shares[expert]).Take(experts.PerToken)];
        double total = experts.Normalised ? chosen.Sum(expert => shares[expert]) : 1;
        double[] output = new double[Hidden];
        foreach (int expert in chosen)
            output = Sum(output, [.. Gated($"{layer}mlp.experts.{expert}.", row).Select(x => x * shares[expert] / total)]);
        for (int shared = 0; shared < experts.Shared; shared++)
            output = Sum(output, Gated($"{layer}mlp.shared_experts.{shared}.", row));
        return output;
    }

    private double[] Gated(string name, double[] row)
    {
        double[] both = Fused ? Multiply(Weights[name + "gate_up_proj.weight"], row)
            : [.. Multiply(Weights[name + "gate_proj.weight"], row), .. Multiply(Weights[name + "up_proj.weight"], row)];
        double[] product = [.. Enumerable.Range(0, Intermediate).Select(i => Activation(both[i]) * both[Intermediate + i])];
        return Multiply(Weights[name + "down_proj.weight"], product);
    }

    private double[] Norm(double[] row, string weight)
    {
        double inverse = 1 / Math.Sqrt(row.Sum(x => x * x) / row.Length + Epsilon);
        return [.. row.Zip(Weights[weight], (x, w) => x * inverse * (w + NormOffset))];
    }

    private static double[] Multiply(double[] matrix, double[] row)
    {
        double[] product = new double[matrix.Length / row.Length];
        for (int i = 0; i < product.Length; i++)
        {
            for (int j = 0; j < row.Length; j++)
                product[i] += matrix[i * row.Length + j] * row[j];
        }
        return product;
    }

    private static double[] Sum(double[] left, double[] right) => [.. left.Zip(right, (a, b) => a + b)];
}
