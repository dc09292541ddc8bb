namespace MiniMind.MLNet.Dpo.Tool.Runs;

/// <summary>What a model gives a held-out pair.</summary>
/// <param name="Pair">The same for the same conversations, in whatever file they stand.</param>
/// <param name="Line">The line of the file.</param>
/// <param name="ChosenLogProb">In nats, reduced as the run's options say; not a number where the pair has no score.</param>
/// <param name="RejectedLogProb">The same of the other side.</param>
/// <param name="ChosenReward">Beta times what the log-probability gained; not a number without a reference.</param>
/// <param name="RejectedReward">The same of the other side.</param>
internal sealed record PairScoreRow(
    string Pair, long Line, double ChosenLogProb, double RejectedLogProb, double ChosenReward, double RejectedReward)
{
    /// <summary>By how much the chosen answer is the likelier one, in nats.</summary>
    public double LogProbMargin => ChosenLogProb - RejectedLogProb;

    /// <summary>By how much its reward is the higher one.</summary>
    public double RewardMargin => ChosenReward - RejectedReward;
}
