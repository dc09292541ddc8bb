namespace MiniMind.MLNet.Dpo.Training;

/// <summary>Training was cancelled between two steps, on all ranks between the same ones.</summary>
internal sealed class TrainingCancelledException(long step, CancellationToken cancellation)
    : OperationCanceledException($"Training was cancelled after step {step}.", cancellation);
