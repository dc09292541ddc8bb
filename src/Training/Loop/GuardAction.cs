namespace MiniMind.MLNet.Dpo;

/// <summary>What happens when a guard finds something wrong with a run.</summary>
public enum GuardAction
{
    /// <summary>The guard does not look.</summary>
    Off,

    /// <summary>The run goes on; the message is in the log, the progress reports and the training summary.</summary>
    Warn,

    /// <summary>The run ends after the step at hand, with the weights as they are.</summary>
    Stop,

    /// <summary>The run ends, and weights and optimizer go back to the last point at which every guard was content.</summary>
    RollBack,
}
