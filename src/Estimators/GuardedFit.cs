using System.Runtime.ExceptionServices;
using MiniMind.MLNet.Dpo.Training.Distributed;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Fits as one of several processes: what goes wrong on one ends all.</summary>
internal static class GuardedFit
{
    /// <summary>Runs the fit under the guard of <see cref="DistributedGuard"/>; a cancellation that all ranks agreed on is no failure.</summary>
    /// <param name="communicator">Connects the processes; <see langword="null"/> for this one alone.</param>
    /// <param name="fit">The work.</param>
    /// <exception cref="OperationCanceledException">Training was cancelled, here or on another rank.</exception>
    public static T Run<T>(ICommunicator? communicator, Func<ICommunicator, T> fit)
        where T : class
    {
        if (communicator is null)
            return fit(new SingleProcess());
        T? result = null;
        ExceptionDispatchInfo? cancelled = null;
        DistributedGuard.Run(communicator, () =>
        {
            try
            {
                result = fit(communicator);
            }
            catch (TrainingCancelledException failure)
            {
                cancelled = ExceptionDispatchInfo.Capture(failure);
            }
        });
        cancelled?.Throw();
        return result!;
    }
}
