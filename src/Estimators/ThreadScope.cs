using MiniMind.MLNet.Dpo.CpuKernels.Native;


namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Sets the number of threads of a run's operations, until it is disposed on the same thread.</summary>
/// <remarks>
/// Several runs each have their own, and other threads keep theirs, where libtorch has numbers of threads (<see cref="CallerThreads"/>); otherwise see
/// <see cref="SharedThreads"/>.
/// </remarks>
internal sealed class ThreadScope : IDisposable
{
    private readonly IDisposable? _number;

    /// <summary>Begins.</summary>
    /// <param name="threads">How many; <see langword="null"/> leaves all as it is.</param>
    public ThreadScope(int? threads)
    {
        if (threads is { } count)
            _number = CallerThreads.Available ? new CallerThreads(count) : new SharedThreads(count);
    }

    public void Dispose() => _number?.Dispose();
}
