namespace MiniMind.MLNet.Dpo;

/// <summary>What a trial says of a learning rate.</summary>
public enum LearningRateVerdict
{
    /// <summary>The planned run would hardly move the margin.</summary>
    TooSmall,

    /// <summary>The margin grows, and the chosen side keeps what it may not lose.</summary>
    Moves,

    /// <summary>The margins move, but not surely upwards: there are too few held-out pairs to say, or the pairs do not teach it.</summary>
    Unsure,

    /// <summary>The chosen side would lose more than it may, the margin would grow beyond all use, or the weights are no longer finite.</summary>
    TooLarge,
}
