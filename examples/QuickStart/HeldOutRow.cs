namespace QuickStart;

/// <summary>The columns of a scored pair from which before and after are told.</summary>
internal sealed class HeldOutRow
{
    /// <summary>The policy's log-probability of the chosen answer, in nats.</summary>
    public float ChosenLogProb { get; set; }

    /// <summary>The policy's log-probability of the rejected answer, in nats.</summary>
    public float RejectedLogProb { get; set; }

    /// <summary>Beta times what training added to the chosen answer's log-probability.</summary>
    public float ChosenReward { get; set; }

    /// <summary>Beta times what training added to the rejected answer's log-probability.</summary>
    public float RejectedReward { get; set; }
}
