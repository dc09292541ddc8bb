namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>Lets all ranks end together where one of them is cancelled before the steps begin; from then on the loop does.</summary>
public static class CancellationAgreement
{
    /// <summary>Every rank calls this at the same place; all throw where one of them is cancelled.</summary>
    /// <param name="communicator">Connects the ranks.</param>
    /// <param name="doing">What the run was about, for the message: <c>the data was read</c>.</param>
    /// <param name="cancellation">This rank's token.</param>
    /// <exception cref="TrainingCancelledException">A rank was cancelled.</exception>
    public static void ThrowIfCancelled(ICommunicator communicator, string doing, CancellationToken cancellation)
    {
        Span<long> cancelled = [cancellation.IsCancellationRequested ? 1 : 0];
        communicator.AllReduce(cancelled, ReduceOperation.Max);
        if (cancelled[0] != 0)
            throw new TrainingCancelledException($"Training was cancelled while {doing}.", cancellation);
    }
}
