namespace MiniMind.MLNet.Dpo.Training.Losses;

/// <summary>What those who watch a run ask of its loss, be it one of pairs or of single answers.</summary>
internal interface IRewardObjective
{
    /// <summary>What rewards are multiplied by; 1 where the loss has no beta.</summary>
    double Beta { get; }

    /// <summary>Whether the loss has a beta that the options can change.</summary>
    bool HasBeta { get; }

    /// <summary>What a mean margin far above 0 means, as the end of "the mean reward margin is 12, ...".</summary>
    string FarMargin { get; }

    /// <summary>What keeps the preferred answers from becoming unlikely, as the end of "to hold the chosen responses up, ...".</summary>
    string ChosenRemedy { get; }

    /// <summary>The loss where the policy is the reference; <see langword="null"/> where that depends on the data.</summary>
    LossStart? Start();

    /// <summary>By how much the loss changes there with the margin, its size; not a number where that is not known.</summary>
    double StartSlope();

    /// <summary>A reward, or a difference of two, as nats per token.</summary>
    double NatsPerToken(double reward, double meanTokens);
}
