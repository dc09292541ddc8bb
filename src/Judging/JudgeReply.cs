namespace MiniMind.MLNet.Dpo;

/// <summary>What a judge replied when it was shown two answers in one order.</summary>
public sealed record JudgeReply
{
    /// <summary>Which one it prefers.</summary>
    public required ShownAnswer Preferred { get; init; }

    /// <summary>What it wrote; empty where it failed, and for a reply that was kept from before.</summary>
    public string Text { get; init; } = "";

    /// <summary>Why there is no preference; <see langword="null"/> where there is one.</summary>
    public string? Fault { get; init; }

    /// <summary>Whether it was kept from before, so that the judge was not asked.</summary>
    public bool IsFromCache { get; init; }
}
