namespace MiniMind.MLNet.Dpo;

/// <summary>Whether a run goes on from a checkpoint.</summary>
public enum ResumeMode
{
    /// <summary>From the newest valid checkpoint where the folder has one, else from the start. A run that had ended is not trained further.</summary>
    Auto,

    /// <summary>From the start; the folder must have no checkpoints.</summary>
    Never,

    /// <summary>From the newest valid checkpoint; it is an error if there is none.</summary>
    Required,
}
