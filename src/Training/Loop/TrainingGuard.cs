namespace MiniMind.MLNet.Dpo;

/// <summary>What can go wrong with a run, one guard for each.</summary>
public enum TrainingGuard
{
    /// <summary>The loss stays where it started: at ln 2, for the sigmoid loss.</summary>
    NoLearning,

    /// <summary>The chosen responses become unlikely.</summary>
    ChosenCollapse,

    /// <summary>The margin grows beyond all use.</summary>
    MarginExplosion,

    /// <summary>A loss or gradient is infinite or not a number.</summary>
    NonFinite,

    /// <summary>Answers become much longer or shorter.</summary>
    LengthDrift,

    /// <summary>The reference already prefers almost every chosen response.</summary>
    EasyPairs,

    /// <summary>Feedback has no good or no bad answers, or many more of one than of the other.</summary>
    OneSidedFeedback,

    /// <summary>KTO's baseline stays at 0 although the policy has moved.</summary>
    StuckBaseline,
}
