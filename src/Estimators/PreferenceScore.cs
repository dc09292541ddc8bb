namespace MiniMind.MLNet.Dpo;

/// <summary>The scores of one pair, as a prediction engine gives them.</summary>
public sealed class PreferenceScore
{
    /// <summary>The policy's log-probability of the chosen response, nats, reduced as in training.</summary>
    public float ChosenLogProb { get; set; }

    /// <summary>The policy's log-probability of the rejected response, nats.</summary>
    public float RejectedLogProb { get; set; }

    /// <summary>Implicit reward of the chosen response: beta * (log pi - log ref), unless the loss says otherwise.</summary>
    public float ChosenReward { get; set; }

    /// <summary>Implicit reward of the rejected response.</summary>
    public float RejectedReward { get; set; }

    /// <summary>Reward of the chosen response minus that of the rejected one.</summary>
    public float Margin { get; set; }

    /// <summary>The probability that the chosen response is preferred, as the loss models it: sigmoid of the margin, for the sigmoid loss.</summary>
    public float Probability { get; set; }

    /// <summary>Whether the margin is above 0.</summary>
    public bool PredictedLabel { get; set; }
}
