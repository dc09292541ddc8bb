using System.Threading.Channels;

namespace MiniMind.MLNet.Dpo.Training.Batches;

/// <summary>Lays out batches on another thread, a few ahead of the device, in order, into memory that the device can read by itself.</summary>
internal sealed class HostPrefetch : IDisposable
{
    private const int Ahead = 4;
    private readonly Channel<HostBatch> _ready = Channel.CreateBounded<HostBatch>(Ahead);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;

    public HostPrefetch(IEnumerable<int[]> batches, Func<int[], HostBatch> build) => _work = Task.Run(async () =>
    {
        try
        {
            foreach (int[] batch in batches)
            {
                HostBatch ahead = build(batch);
                try
                {
                    await _ready.Writer.WriteAsync(ahead, _stop.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    ahead.Dispose();
                    throw;
                }
            }
            _ready.Writer.Complete();
        }
        catch (OperationCanceledException)
        {
            _ready.Writer.Complete();
        }
        catch (Exception failure)
        {
            _ready.Writer.Complete(failure);
        }
    });

    /// <summary>The next batch, which the caller disposes; waits for it where the host is behind.</summary>
    public HostBatch Next()
    {
        HostBatch? rows;
        while (!_ready.Reader.TryRead(out rows))
        {
            if (!_ready.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
                throw new InvalidOperationException("All batches have been taken.");
        }

        return rows;
    }

    public void Dispose()
    {
        _stop.Cancel();
        _work.GetAwaiter().GetResult();
        while (_ready.Reader.TryRead(out HostBatch? unused))
            unused.Dispose();
        _stop.Dispose();
    }
}
