namespace MiniMind.MLNet.Dpo;

/// <summary>How sequences of different lengths share a batch. All give the same loss and gradients.</summary>
public enum BatchPadding
{
    /// <summary>Sequences stand one after the other without padding: no arithmetic is lost.</summary>
    None,

    /// <summary>Padded to the longest of the batch.</summary>
    Longest,

    /// <summary>Padded to <c>MaxLength</c>, as MiniMind does.</summary>
    MaxLength,
}
