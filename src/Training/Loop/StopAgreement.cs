using System.Text;
using MiniMind.MLNet.Dpo.Training.Distributed;

namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>Lets all ranks end after the same step where one of them is cancelled or has a reason to stop.</summary>
internal sealed class StopAgreement(TrainingState state, CancellationToken cancellation)
{
    /// <summary>Whether the run ends because a rank was cancelled.</summary>
    public bool IsCancelled { get; private set; }

    /// <summary>Whether the run is to end now; the reason is in the state then. Every rank asks after every step.</summary>
    public bool IsToStop()
    {
        bool cancelled = state.StopReason is null && cancellation.IsCancellationRequested;
        if (cancelled)
            state.StopReason = TrainingState.Cancelled;

        // one number tells which rank wants to stop, the lowest first, and whether it was cancelled
        Span<long> wish = [state.StopReason is null ? long.MaxValue : 2L * state.Communicator.Rank + (cancelled ? 0 : 1)];
        state.Communicator.AllReduce(wish, ReduceOperation.Min);
        if (wish[0] == long.MaxValue)
            return false;

        (long rank, long observed) = Math.DivRem(wish[0], 2);
        byte[][] reasons = state.Communicator.AllGather(Encoding.UTF8.GetBytes(state.StopReason ?? ""));
        state.StopReason = Encoding.UTF8.GetString(reasons[rank]);
        IsCancelled = observed == 0;
        return true;
    }
}
