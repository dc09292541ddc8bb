namespace MiniMind.MLNet.Dpo.Training.Distributed.Mpi;

/// <summary>Keeps .NET's handlers for faults while a native library installs its own.</summary>
/// <remarks>
/// .NET turns SIGSEGV and SIGFPE into exceptions (a null reference, a division by zero). UCX, which MPICH and Open MPI load,
/// and Open MPI itself replace the handlers by ones that print a native stack and end the process.
/// </remarks>
internal sealed unsafe class SignalHandlers : IDisposable
{
    // SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV on Linux
    private static readonly int[] s_signals = [4, 5, 6, 7, 8, 11];

    // more than struct sigaction takes in glibc (152) and musl
    private const int ActionSize = 256;

    private readonly byte[] _saved = new byte[s_signals.Length * ActionSize];

    /// <summary>Remembers the handlers.</summary>
    public SignalHandlers()
    {
        fixed (byte* saved = _saved)
        {
            for (int i = 0; i < s_signals.Length; i++)
                SystemLibrary.SignalAction(s_signals[i], null, saved + (i * ActionSize));
        }
    }

    /// <summary>Puts them back.</summary>
    public void Dispose()
    {
        fixed (byte* saved = _saved)
        {
            for (int i = 0; i < s_signals.Length; i++)
                SystemLibrary.SignalAction(s_signals[i], saved + (i * ActionSize), null);
        }
    }
}
