namespace MiniMind.MLNet.Dpo;

/// <summary>What happens to a conversation that has more tokens than the maximum length.</summary>
public enum TruncationPolicy
{
    /// <summary>Its first tokens stay (the default, and what MiniMind does): the end of the answer is cut away first, with its end token.</summary>
    KeepStart,

    /// <summary>Its last tokens stay: the beginning of the prompt is cut away first.</summary>
    KeepEnd,

    /// <summary>Nothing stays: the row is empty, and a trainer counts it as skipped.</summary>
    Drop,

    /// <summary>It is an error.</summary>
    Fail,
}
