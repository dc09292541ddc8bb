namespace MiniMind.MLNet.Dpo;

/// <summary>Which of the answers that a judge was shown it prefers.</summary>
public enum ShownAnswer
{
    /// <summary>Neither: there is no reply, or none that says a letter.</summary>
    None,

    /// <summary>The one that was shown first.</summary>
    First,

    /// <summary>The one that was shown second.</summary>
    Second,
}
