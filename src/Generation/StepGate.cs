namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Lets steps through one at a time, on the thread pool, until it is closed.</summary>
/// <remarks>Nothing holds it between two steps, so that a request which is never read on stops no other.</remarks>
/// <param name="name">What messages say was disposed.</param>
/// <param name="end">Frees what the steps use; called once, when the gate is closed and no step runs.</param>
internal sealed class StepGate(string name, Action end)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500);

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly CancellationTokenSource _closing = new();
    private int _closed;

    /// <summary>Whether it is closed.</summary>
    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    /// <summary>Runs a step when no other one runs.</summary>
    /// <param name="step">The step; its token ends it when the gate is closed too.</param>
    /// <param name="cancellation">Ends waiting and step.</param>
    /// <exception cref="ObjectDisposedException">The gate is closed, or was before the step ended.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task<T> RunAsync<T>(Func<CancellationToken, T> step, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _closing.Token);
        try
        {
            await _one.WaitAsync(either.Token).ConfigureAwait(false);
            return await Task.Run(() => Through(step, either.Token), CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (IsClosed)
        {
            throw new ObjectDisposedException(name, "It was disposed while an answer was being generated; the answer ends here.");
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
    }

    /// <summary>Closes the gate: the step that runs is ended, those that wait are refused.</summary>
    /// <remarks>Waits a moment for the end; behind a step that takes longer everything is freed when it ends.</remarks>
    public void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
            return;
        _closing.Cancel();
        EndAsync().Wait(s_patience);
    }

    private T Through<T>(Func<CancellationToken, T> step, CancellationToken cancellation)
    {
        try
        {
            return step(cancellation);
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task EndAsync()
    {
        await _one.WaitAsync().ConfigureAwait(false);
        end();
    }
}
