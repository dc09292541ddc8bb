namespace MiniMind.MLNet.Dpo;

/// <summary>What happens to pairs that carry no preference: a response that was cut away entirely, or two identical sides.</summary>
public enum UnusablePairs
{
    /// <summary>They are left out, counted, and listed by line in the training summary.</summary>
    Skip,

    /// <summary>The first one ends training with an error that names its line.</summary>
    Fail,
}
