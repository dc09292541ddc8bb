namespace MiniMind.MLNet.Dpo.Training.Batches;

/// <summary>One conversation as the network sees it, already shifted by one token.</summary>
/// <param name="InputIds">Token ids, (T).</param>
/// <param name="Labels">The id that follows each input token, (T).</param>
/// <param name="LossMask">1 where the label is one of the assistant's tokens, else 0, (T).</param>
internal sealed record Response(int[] InputIds, int[] Labels, byte[] LossMask)
{
    /// <summary>How much a conversation counts that stands by itself: above 0, and 1 for one like any other.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>How many labels count in the loss.</summary>
    public int LossTokens { get; } = LossMask.Count(m => m != 0);

    /// <summary>How many leading inputs the counted labels depend on: all up to the last counted one; where none counts, one for a row.</summary>
    public int NeededLength { get; } = Math.Max(Array.FindLastIndex(LossMask, m => m != 0) + 1, Math.Min(1, InputIds.Length));

    /// <summary>Whether both have the same inputs, labels and mask up to what the loss needs.</summary>
    public bool SameLossAs(Response other) =>
        NeededLength == other.NeededLength && InputIds.AsSpan(0, NeededLength).SequenceEqual(other.InputIds.AsSpan(0, NeededLength)) &&
        Labels.AsSpan(0, NeededLength).SequenceEqual(other.Labels.AsSpan(0, NeededLength)) &&
        LossMask.AsSpan(0, NeededLength).SequenceEqual(other.LossMask.AsSpan(0, NeededLength));
}
