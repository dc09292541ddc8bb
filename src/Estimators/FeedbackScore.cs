namespace MiniMind.MLNet.Dpo;

/// <summary>The scores of one answer, as a prediction engine gives them.</summary>
public sealed class FeedbackScore
{
    /// <summary>The policy's log-probability of the answer, summed over its tokens, nats.</summary>
    public float LogProb { get; set; }

    /// <summary>Implicit reward of the answer: beta * (log pi - log ref).</summary>
    public float Reward { get; set; }

    /// <summary>Whether the reward is above 0.</summary>
    public bool PredictedLabel { get; set; }
}
