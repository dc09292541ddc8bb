namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>Sees to it that one rank's failure ends all ranks, with that rank's error, instead of leaving them waiting.</summary>
public static class DistributedGuard
{
    /// <summary>
    /// Runs a rank's work; an exception, in this thread or unhandled in another, and a standstill longer than the communicator's timeout end all ranks.
    /// </summary>
    /// <remarks>
    /// The error goes to standard error with <c>rank N:</c> before every line. With one process, exceptions pass through and nothing is watched.
    /// Work that computes for longer than <see cref="ICommunicator.Timeout"/> between two collectives calls <see cref="CommunicatorActivity.Report"/>.
    /// </remarks>
    public static void Run(ICommunicator communicator, Action work)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        ArgumentNullException.ThrowIfNull(work);
        if (communicator.Size == 1)
        {
            work();
            return;
        }

        void OnUnhandled(object sender, UnhandledExceptionEventArgs e) => communicator.Abort(1, e.ExceptionObject.ToString() ?? "unknown error");
        AppDomain.CurrentDomain.UnhandledException += OnUnhandled;
        communicator.Activity.Report("the start of the guarded work");
        using HangWatch watch = new(communicator);
        try
        {
            work();
        }
        catch (Exception failure)
        {
            communicator.Abort(1, failure is CommunicationException ? failure.Message : failure.ToString());
            throw;
        }
        finally
        {
            AppDomain.CurrentDomain.UnhandledException -= OnUnhandled;
        }
    }
}
