namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>How far a run has come.</summary>
internal enum RunStatus
{
    /// <summary>It runs, or its process ended without a chance to say so.</summary>
    Running,

    /// <summary>It took its last step.</summary>
    Completed,

    /// <summary>It was ended before its last step; the stop reason says why.</summary>
    Stopped,

    /// <summary>It broke off with an error.</summary>
    Failed,
}
