namespace MiniMind.MLNet.Dpo;

/// <summary>How sequences of different lengths share a batch. All give the same loss and gradients.</summary>
public enum BatchPadding
{
    /// <summary>Sequences stand one after the other without padding: no arithmetic is lost.</summary>
    None,

    /// <summary>Padded to the longest of the batch.</summary>
    Longest,

    /// <summary>
    /// As if padded to <c>MaxLength</c>, as MiniMind does: batches in the order of the shuffle alone, and experts' load-balancing loss over padding, too. Rows
    /// and labels that no loss depends on are not computed.
    /// </summary>
    MaxLength,
}
