using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Tool;

/// <summary>Ctrl-C and SIGTERM: the first asks for an end after what is at hand, a second ends the process at once.</summary>
/// <remarks>So does the first where nothing is at hand that could end by itself.</remarks>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly Func<bool> _areTaken;
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Listens.</summary>
    /// <param name="areTaken">Whether the command at hand ends by itself.</param>
    public StopSignals(Func<bool> areTaken)
    {
        _areTaken = areTaken;
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop)];
    }

    /// <summary>Is cancelled by the first signal.</summary>
    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    private void Stop(PosixSignalContext signal)
    {
        if (_source.IsCancellationRequested || !_areTaken())
            return; // the system's own way: at once
        signal.Cancel = true;
        _source.Cancel();
    }
}
