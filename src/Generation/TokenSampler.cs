namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Picks the next token from logits, on the host: temperature, repetition penalty, top-k, top-p, draw, in MiniMind's order.</summary>
internal sealed class TokenSampler(GenerationOptions options)
{
    private readonly Random _random = options.Seed is { } seed ? new Random(seed) : new Random();

    /// <summary>The next token's id.</summary>
    /// <param name="logits">(V); changed in place.</param>
    /// <param name="seen">Ids of the prompt and of the answer so far.</param>
    /// <exception cref="InvalidDataException">A logit is NaN or infinite: nothing can be drawn.</exception>
    public int Next(Span<float> logits, IReadOnlySet<int> seen)
    {
        if (!float.IsFinite(System.Numerics.Tensors.TensorPrimitives.Max<float>(logits)))
            throw new InvalidDataException("The model's logits are not finite numbers, so that no token can be picked: its weights are NaN, infinite or too large. Its training diverged; take an earlier checkpoint.");
        bool greedy = options.Temperature == 0;
        if (!greedy && options.Temperature != 1)
        {
            foreach (ref float logit in logits) logit /= (float)options.Temperature;
        }
        if (options.RepetitionPenalty != 1)
        {
            float penalty = (float)options.RepetitionPenalty;
            foreach (int id in seen) logits[id] = logits[id] > 0 ? logits[id] / penalty : logits[id] * penalty;
        }
        return greedy ? System.Numerics.Tensors.TensorPrimitives.IndexOfMax(logits) : Draw(logits);
    }

    private int Draw(ReadOnlySpan<float> logits)
    {
        int kept = options.TopK > 0 ? Math.Min(options.TopK, logits.Length) : logits.Length;
        int[] ids = Likeliest(logits, kept);
        double highest = logits[ids[0]], total = 0;
        double[] weights = new double[ids.Length];
        for (int i = 0; i < ids.Length; i++) total += weights[i] = Math.Exp(logits[ids[i]] - highest);

        double nucleus = 0;
        int count = 0;
        while (count < ids.Length && (count == 0 || nucleus <= options.TopP * total)) nucleus += weights[count++];
        double drawn = _random.NextDouble() * nucleus;
        for (int i = 0; i < count; i++)
        {
            drawn -= weights[i];
            if (drawn < 0) return ids[i];
        }
        return ids[count - 1];
    }

    /// <summary>The ids of the largest logits, largest first.</summary>
    private static int[] Likeliest(ReadOnlySpan<float> logits, int count)
    {
        PriorityQueue<int, (float, int)> smallestFirst = new(count + 1);
        for (int id = 0; id < logits.Length; id++)
        {
            if (smallestFirst.Count < count) smallestFirst.Enqueue(id, (logits[id], -id));
            else smallestFirst.EnqueueDequeue(id, (logits[id], -id));
        }
        int[] ids = new int[smallestFirst.Count];
        for (int i = ids.Length - 1; i >= 0; i--) ids[i] = smallestFirst.Dequeue();
        return ids;
    }
}
