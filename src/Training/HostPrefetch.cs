using System.Threading.Channels;

namespace MiniMind.MLNet.Dpo.Training;

/// <summary>Lays out batches on another thread, a few ahead of the device, in order.</summary>
internal sealed class HostPrefetch : IDisposable
{
    private const int Ahead = 4;
    private readonly Channel<BatchRows> _ready = Channel.CreateBounded<BatchRows>(Ahead);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;

    public HostPrefetch(IEnumerable<int[]> batches, Func<int[], BatchRows> build) => _work = Task.Run(async () =>
    {
        try
        {
            foreach (int[] batch in batches) await _ready.Writer.WriteAsync(build(batch), _stop.Token).ConfigureAwait(false);
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

    /// <summary>The next batch; waits for it where the host is behind.</summary>
    public BatchRows Next()
    {
        BatchRows? rows;
        while (!_ready.Reader.TryRead(out rows))
            if (!_ready.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
                throw new InvalidOperationException("All batches have been taken.");
        return rows;
    }

    public void Dispose()
    {
        _stop.Cancel();
        while (_ready.Reader.TryRead(out _)) { }
        _work.GetAwaiter().GetResult();
        _stop.Dispose();
    }
}
