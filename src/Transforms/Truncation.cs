namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>Cuts token sequences to a maximum length.</summary>
internal static class Truncation
{
    /// <summary>What is left of a sequence.</summary>
    /// <param name="ids">The tokens.</param>
    /// <param name="maxLength">The most tokens that may be left, at least 1.</param>
    /// <param name="policy">What to do with a longer sequence.</param>
    /// <exception cref="InvalidDataException">The sequence is longer and the policy is <see cref="TruncationPolicy.Fail"/>.</exception>
    public static ReadOnlySpan<int> Cut(ReadOnlySpan<int> ids, int maxLength, TruncationPolicy policy)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 1);
        if (ids.Length <= maxLength)
            return ids;
        return policy switch
        {
            TruncationPolicy.KeepStart => ids[..maxLength],
            TruncationPolicy.KeepEnd => ids[^maxLength..],
            TruncationPolicy.Drop => [],
            TruncationPolicy.Fail => throw new InvalidDataException(
                $"The conversation has {ids.Length} tokens, but the maximum length is {maxLength}; raise it, shorten the conversation, or choose a " +
                    $"truncation policy other than {policy}."),
            _ => throw new ArgumentOutOfRangeException(nameof(policy), policy, "not a truncation policy"),
        };
    }
}
