namespace MiniMind.MLNet.Dpo;

/// <summary>What comparing two answers to a prompt came to.</summary>
public enum PairOutcome
{
    /// <summary>The judge preferred A in both orders.</summary>
    Win,

    /// <summary>The judge preferred another one of the answers when they were swapped, or they are the same text.</summary>
    Tie,

    /// <summary>The judge preferred B in both orders.</summary>
    Loss,

    /// <summary>An answer or a reply of the judge failed, or a reply says no letter.</summary>
    Invalid,
}
