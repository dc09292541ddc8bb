using MiniMind.MLNet.Dpo.Training.Losses;

namespace MiniMind.MLNet.Dpo.Training.Guards;

/// <summary>What guards must know of a run on pairs or on feedback to read its rewards and to give advice.</summary>
/// <param name="Objective">The loss.</param>
/// <param name="MeanTokens">Counted tokens of a response, on average.</param>
/// <param name="StartsAtReference">Whether policy and reference are one model before the first step.</param>
/// <param name="LearningRate">The peak learning rate.</param>
internal sealed record PreferenceTerms(IRewardObjective Objective, double MeanTokens, bool StartsAtReference, double LearningRate)
{
    /// <summary>What the run is about.</summary>
    public GuardWords Words { get; init; } = GuardWords.Pairs;

    /// <summary>A reward, or a difference of two, as nats per token.</summary>
    public double PerToken(double reward) => Objective.NatsPerToken(reward, MeanTokens);

    /// <summary>A reward, or a difference of two, as nats per response.</summary>
    public double PerResponse(double reward) => PerToken(reward) * MeanTokens;
}
