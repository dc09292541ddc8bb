using System.Numerics.Tensors;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Picks the next token from logits, on the host: penalties of the answer's own tokens, temperature, repetition penalty, top-k, top-p, draw.</summary>
/// <remarks>From the temperature on in MiniMind's order; the penalties before it, as OpenAI defines them.</remarks>
internal sealed class TokenSampler(GenerationOptions options)
{
    private readonly Random _random = options.Seed is { } seed ? new Random(seed) : new Random();
    private readonly LikeliestTokens _likeliest = new();
    private double[] _weights = [];

    /// <summary>The next token's id.</summary>
    /// <param name="logits">(V), finite; changed in place.</param>
    /// <param name="seen">Ids of the prompt and of the answer so far.</param>
    /// <param name="made">How often each id occurs in the answer so far.</param>
    public int Next(Span<float> logits, HashSet<int> seen, IReadOnlyDictionary<int, int> made)
    {
        if (options.FrequencyPenalty != 0 || options.PresencePenalty != 0)
        {
            foreach ((int id, int count) in made)
                logits[id] -= (float)((count * options.FrequencyPenalty) + options.PresencePenalty);
        }
        // So small a temperature that logits overflow leaves the likeliest token alone, as 0 does.
        bool greedy = options.Temperature == 0 || !float.IsFinite(Scores.LargestMagnitude(logits) / (float)options.Temperature);
        if (!greedy && options.Temperature != 1)
            TensorPrimitives.Divide(logits, (float)options.Temperature, logits);
        if (options.RepetitionPenalty != 1)
        {
            float penalty = (float)options.RepetitionPenalty;
            foreach (int id in seen)
                logits[id] = logits[id] > 0 ? logits[id] / penalty : logits[id] * penalty;
        }
        return greedy ? Scores.IndexOfLargest(logits) : Draw(logits);
    }

    private int Draw(ReadOnlySpan<float> logits)
    {
        ReadOnlySpan<int> ids = _likeliest.Of(logits, options.TopK > 0 ? options.TopK : logits.Length);
        double highest = logits[ids[0]], total = 0;
        if (double.IsPositiveInfinity(highest))
            return ids[0];
        if (_weights.Length < ids.Length)
            _weights = new double[ids.Length];
        Span<double> weights = _weights.AsSpan(0, ids.Length);
        for (int i = 0; i < ids.Length; i++)
            total += weights[i] = Math.Exp(logits[ids[i]] - highest);

        double nucleus = 0;
        int count = 0;
        while (count < ids.Length && (count == 0 || nucleus <= options.TopP * total))
            nucleus += weights[count++];
        double drawn = _random.NextDouble() * nucleus;
        for (int i = 0; i < count; i++)
        {
            drawn -= weights[i];
            if (drawn < 0)
                return ids[i];
        }
        return ids[count - 1];
    }
}
