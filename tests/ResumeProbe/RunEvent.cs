namespace MiniMind.MLNet.Dpo.ResumeProbe;

/// <summary>Something that happens in a run.</summary>
public enum RunEvent
{
    /// <summary>A forward pass of a step begins: from the second of a step on, gradients have been accumulated.</summary>
    MicroBatch,

    /// <summary>A batch of an evaluation begins.</summary>
    EvaluationBatch,

    /// <summary>A part of a checkpoint's file is about to be written.</summary>
    FileWrite,
}
