using MiniMind.MLNet.Dpo.Training.Distributed.Mpi;

namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>Watches from a thread of its own that this rank moves on and that its launcher lives, and ends all ranks where not.</summary>
internal sealed class HangWatch : IDisposable
{
    // before the ranks that wait for this one reach their deadline, so that the error that ends the run is the one of the rank that hangs
    private const double Share = 0.9;

    // a collective that hangs says so itself at its deadline; this is for those that block inside a native library
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);

    // what ended the launcher, or `dotnet run` between it and this process, may have asked this process to stop too: it may be writing its checkpoint
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(3);

    private readonly ICommunicator _communicator;
    private readonly ManualResetEventSlim _stop = new();
    private readonly int _launcher = OperatingSystem.IsLinux() ? SystemLibrary.ParentProcess() : 0;
    private readonly TimeSpan _interval;

    public HangWatch(ICommunicator communicator)
    {
        _communicator = communicator;
        _interval = TimeSpan.FromSeconds(Math.Clamp(communicator.Timeout.TotalSeconds / 40, 0.02, 1));
        new Thread(Run) { IsBackground = true, Name = "Hang watch" }.Start();
    }

    public void Dispose() => _stop.Set();

    /// <summary>What is wrong with a rank in this state, or null.</summary>
    public static string? Verdict(ActivitySnapshot now, TimeSpan timeout) => now switch
    {
        { InCollective: false } when now.For > Share * timeout =>
            $"This rank hangs: it has reached no collective and reported no progress for {now.For.TotalSeconds:0.#} s (the others wait " +
                $"{timeout.TotalSeconds:0.###} s for it). The last thing it did: {now.Doing}.",
        { InCollective: true } when now.For > timeout + s_grace =>
            $"This rank has waited {now.For.TotalSeconds:0.#} s (the limit is {timeout.TotalSeconds:0.###} s) in {now.Doing}: another rank has ended, hangs, " +
                "or called another collective.",
        _ => null,
    };

    private void Run()
    {
        while (!_stop.Wait(_interval))
        {
            string? error = Verdict(_communicator.Activity.Now, _communicator.Timeout);
            if (_launcher != 0 && SystemLibrary.ParentProcess() != _launcher)
            {
                if (_stop.Wait(s_farewell))
                    return;
                error = $"The process that started this rank (id {_launcher}) has ended, and with it the run.";
            }
            if (error is null)
                continue;
            _communicator.Abort(1, error);
            return;
        }
    }
}
