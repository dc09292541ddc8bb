namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>What scoring gives for one pair; not a number where a side has no counted token.</summary>
/// <param name="ChosenLogProb">The policy's, nats.</param>
/// <param name="RejectedLogProb">The policy's, nats.</param>
/// <param name="ChosenReward">Beta times the difference to the reference.</param>
/// <param name="RejectedReward">Beta times the difference to the reference.</param>
internal readonly record struct PairScores(float ChosenLogProb, float RejectedLogProb, float ChosenReward, float RejectedReward)
{
    public float Margin => ChosenReward - RejectedReward;

    public float Probability => 1 / (1 + MathF.Exp(-Margin));

    public bool PredictedLabel => Margin > 0;
}
