using MiniMind.MLNet.Dpo.Modeling.Attention;

namespace MiniMind.MLNet.Dpo.Training.Batches;

/// <summary>Turns responses into the rows of one forward pass; pure, and safe to run ahead on another thread.</summary>
internal static class BatchBuilder
{
    /// <summary>Lays out pairs, chosen over rejected.</summary>
    /// <param name="pairs">The pairs of the batch.</param>
    /// <param name="shape">Padded, packed, or packed with shared prefixes.</param>
    /// <param name="headOnResponseOnly">Whether only labels that count are listed; the others weigh zero.</param>
    /// <param name="maximumLength">Row length of <see cref="BatchShape.PaddedToMaximum"/>.</param>
    /// <param name="padding">The id that fills padded rows.</param>
    /// <param name="balanceRealTokensOnly">Whether rows are weighed so that the load-balancing loss sees each token that the loss depends on as often as it
    /// stands in the pairs, and no padding.</param>
    /// <param name="withTails">Whether the labels of a side behind as many as the shorter side has are summed by themselves.</param>
    public static BatchRows Pairs(
        IReadOnlyList<PreferenceExample> pairs, BatchShape shape, bool headOnResponseOnly, int maximumLength, int padding, bool balanceRealTokensOnly,
        bool withTails = false)
    {
        Response[] responses = [.. pairs.Select(p => p.Chosen), .. pairs.Select(p => p.Rejected)];
        int[] shorter = [.. pairs.Select(pair => Math.Min(pair.Chosen.LossTokens, pair.Rejected.LossTokens))];
        LabelRows labels = new(responses.Length, pairs.Count, headOnResponseOnly, withTails ? [.. shorter, .. shorter] : null);
        return shape switch
        {
            BatchShape.PackedWithSharedPrefix => SharedPrefix(pairs, labels, balanceRealTokensOnly),
            _ => Responses(responses, shape, labels, maximumLength, padding, balanceRealTokensOnly),
        };
    }

    /// <summary>Lays out single responses in the given order.</summary>
    public static BatchRows Responses(
        IReadOnlyList<Response> responses, BatchShape shape, bool headOnResponseOnly, int maximumLength, int padding, bool balanceRealTokensOnly) =>
        Responses(responses, shape, new LabelRows(responses.Count, responses.Count, headOnResponseOnly), maximumLength, padding, balanceRealTokensOnly);

    private static BatchRows Responses(
        IReadOnlyList<Response> responses, BatchShape shape, LabelRows labels, int maximumLength, int padding, bool balanceRealTokensOnly)
    {
        if (shape is BatchShape.Packed or BatchShape.PackedWithSharedPrefix)
            return Packed(responses, labels);

        int length = shape == BatchShape.PaddedToMaximum ? maximumLength : responses.Max(r => r.InputIds.Length);
        long[] ids = new long[(long)responses.Count * length];
        Array.Fill(ids, padding);
        float[] real = new float[ids.Length];
        for (int i = 0; i < responses.Count; i++)
        {
            Response response = responses[i];
            if (response.InputIds.Length > length)
                throw new ArgumentException($"A sequence has {response.InputIds.Length} input tokens, but the batch is padded to {length}.", nameof(responses));
            for (int t = 0; t < length; t++)
            {
                bool inside = t < response.InputIds.Length;
                if (inside)
                    (ids[i * (long)length + t], real[i * (long)length + t]) = (response.InputIds[t], t < response.NeededLength ? 1 : 0);
                labels.Add(i, i * (long)length + t, inside ? response.Labels[t] : padding, inside && response.LossMask[t] != 0);
            }
        }
        return labels.ToBatch(ids, responses.Sum(r => (long)r.InputIds.Length), null, [], length, balanceRealTokensOnly ? real : null);
    }

    private static BatchRows Packed(IReadOnlyList<Response> responses, LabelRows labels)
    {
        long[] segments = [.. responses.Select(r => (long)r.NeededLength)];
        long[] ids = new long[segments.Sum()];
        long start = 0;
        for (int i = 0; i < responses.Count; i++)
        {
            Response response = responses[i];
            for (int t = 0; t < response.NeededLength; t++)
            {
                ids[start + t] = response.InputIds[t];
                labels.Add(i, start + t, response.Labels[t], response.LossMask[t] != 0);
            }
            start += response.NeededLength;
        }
        PackedSequence[] sequences = [.. Enumerable.Range(0, responses.Count).Select(i => new PackedSequence(-1, i, 1))];
        return labels.ToBatch(ids, ids.Length, segments, sequences, 0, null);
    }

    private static BatchRows SharedPrefix(IReadOnlyList<PreferenceExample> pairs, LabelRows labels, bool balanceRealTokensOnly)
    {
        List<long> segments = [], ids = [];
        List<float> weights = [];
        List<PackedSequence> sequences = [];
        for (int i = 0; i < pairs.Count; i++)
        {
            (Response chosen, Response rejected, int prefix) = (pairs[i].Chosen, pairs[i].Rejected, pairs[i].SharedPrefix);
            long start = ids.Count;
            int first = segments.Count;
            if (prefix > 0)
                segments.Add(prefix);
            segments.Add(chosen.NeededLength - prefix);
            segments.Add(rejected.NeededLength - prefix);
            sequences.Add(new PackedSequence(-1, first, prefix > 0 ? 2 : 1));
            sequences.Add(new PackedSequence(prefix > 0 ? first : -1, segments.Count - 1, 1));
            for (int t = 0; t < chosen.NeededLength; t++)
            {
                ids.Add(chosen.InputIds[t]);
                weights.Add(t < prefix ? 2 : 1);
                labels.Add(i, start + t, chosen.Labels[t], chosen.LossMask[t] != 0);
            }
            long own = ids.Count - prefix;
            for (int t = 0; t < rejected.NeededLength; t++)
            {
                if (t >= prefix)
                {
                    ids.Add(rejected.InputIds[t]);
                    weights.Add(1);
                }
                labels.Add(pairs.Count + i, t < prefix ? start + t : own + t, rejected.Labels[t], rejected.LossMask[t] != 0);
            }
        }
        long real = pairs.Sum(p => (long)p.Chosen.NeededLength + p.Rejected.NeededLength);
        return labels.ToBatch([.. ids], real, [.. segments], [.. sequences], 0, balanceRealTokensOnly ? [.. weights] : null);
    }
}
