namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>Training was cancelled, on all ranks at the same place: between two steps, or before the first.</summary>
public sealed class TrainingCancelledException(string message, CancellationToken cancellation) : OperationCanceledException(message, cancellation)
{
    /// <summary>Cancelled after a step.</summary>
    public TrainingCancelledException(long step, CancellationToken cancellation)
        : this($"Training was cancelled after step {step}.", cancellation)
    {
    }
}
