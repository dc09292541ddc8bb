using System.Collections.Concurrent;

namespace MiniMind.MLNet.Dpo.Training.Distributed.Nccl;

/// <summary>Watches from a thread of its own that the collectives given to a GPU get done.</summary>
/// <remarks>A GPU waits for another rank in a kernel, unseen by the program: only marks in the stream tell. The host is never held up.</remarks>
internal sealed class NcclWatch : IDisposable
{
    private const int InProgress = 7;

    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentQueue<(nint Mark, string Collective, long Since)> _marks = new();
    private readonly ManualResetEventSlim _stop = new();
    private readonly INcclApi _api;
    private readonly ICudaEvents _events;
    private readonly nint _communicator;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _clock;
    private readonly Action<string> _fail;
    private readonly Thread _thread;

    /// <summary>Starts the watch; <paramref name="fail"/> is called at most once, from the watching thread, with what is wrong.</summary>
    public NcclWatch(INcclApi api, ICudaEvents events, nint communicator, TimeSpan timeout, TimeProvider clock, Action<string> fail)
    {
        (_api, _events, _communicator, _timeout, _clock, _fail) = (api, events, communicator, timeout, clock, fail);
        _thread = new Thread(Run) { IsBackground = true, Name = "NCCL watch" };
        _thread.Start();
    }

    /// <summary>Marks the stream behind a collective that was just given to it.</summary>
    public void Add(string collective) => _marks.Enqueue((_events.Record(), collective, _clock.GetTimestamp()));

    /// <summary>Ends the watch.</summary>
    public void Dispose()
    {
        _stop.Set();
        if (Thread.CurrentThread != _thread)
            _thread.Join();
        while (_marks.TryDequeue(out (nint Mark, string Collective, long Since) mark))
            _events.Release(mark.Mark);
    }

    private void Run()
    {
        string? error = null;
        try
        {
            _events.UseDevice();
            while (error is null && !_stop.Wait(s_interval))
                error = Look();
        }
        catch (CommunicationException failure)
        {
            error = failure.Message;
        }
        if (error is not null)
            _fail(error);
    }

    /// <summary>Lets finished marks go; says what is wrong, or null.</summary>
    private string? Look()
    {
        int code = _api.CommGetAsyncError(_communicator, out int error);
        if (code != 0 || error is not (0 or InProgress))
            return $"NCCL reports an error in the background: {_api.ErrorText(code != 0 ? code : error)}";
        while (_marks.TryPeek(out (nint Mark, string Collective, long Since) oldest))
        {
            if (!_events.IsReached(oldest.Mark))
            {
                TimeSpan age = _clock.GetElapsedTime(oldest.Since);
                return age <= _timeout ? null
                    : $"{oldest.Collective} did not complete within {_timeout.TotalSeconds:0.###} s: another rank has ended, hangs, or called another " +
                    "collective.";
            }
            _events.Release(oldest.Mark);
            _marks.TryDequeue(out _);
        }
        return null;
    }
}
