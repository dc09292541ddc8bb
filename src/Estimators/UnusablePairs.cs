namespace MiniMind.MLNet.Dpo;

/// <summary>What happens to pairs that carry no preference: a response that was cut away entirely, or two identical sides.</summary>
public enum UnusablePairs
{
    /// <summary>They are left out, counted, and listed by line in the training summary.</summary>
    Skip,

    /// <summary>
    /// They take part with what they have, as in MiniMind's train_dpo.py, where an empty side has log-probability 0. Needs sums and padded batches.
    /// </summary>
    Keep,

    /// <summary>The first one ends training with an error that names its line.</summary>
    Fail,
}
