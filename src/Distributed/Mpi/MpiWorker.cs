using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Training.Distributed.Mpi;

/// <summary>The one thread that calls MPI: it begins requests in the order posted and moves all open ones on.</summary>
/// <remarks>
/// With a thread of its own an all-reduce proceeds while the caller computes (MPI libraries move data only inside their functions),
/// a caller can stop waiting at a deadline, and the library needs no more than MPI_THREAD_FUNNELED.
/// </remarks>
internal sealed class MpiWorker
{
    /// <summary>The memory that every open request has to itself.</summary>
    public const int ScratchBytes = 4 << 20;

    // enough open requests that one adds up while another travels
    private const int Window = 4;

    // an idle thread looks after what finished collectives may still owe to slower ranks
    private static readonly TimeSpan s_idle = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentQueue<MpiCollective> _posted = new();
    private readonly List<MpiCollective> _open = [];
    private readonly Stack<nint> _scratch = new(Window);
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly ManualResetEventSlim _started = new();
    private readonly ManualResetEventSlim _ended = new();
    private readonly Func<MpiApi> _load;
    private Exception? _failure;
    private volatile int _abortCode;
    private volatile bool _closing;

    /// <summary>Starts the thread; it loads the library and joins the run.</summary>
    public MpiWorker(Func<MpiApi> load)
    {
        _load = load;
        new Thread(Run) { IsBackground = true, Name = "MPI" }.Start();
    }

    public int Rank { get; private set; }

    public int Size { get; private set; }

    public string Version { get; private set; } = "";

    /// <summary>The loaded library's predefined objects; there after <see cref="WaitForStart"/>.</summary>
    public MpiHandles Handles { get; private set; } = MpiHandles.Mpich;

    /// <summary>Waits until the run is joined; false where the time was up first.</summary>
    public bool WaitForStart(TimeSpan timeout) => WaitFor(_started, timeout);

    /// <summary>Hands a collective over.</summary>
    public void Post(MpiCollective collective)
    {
        _posted.Enqueue(collective);
        _wake.Set();
    }

    /// <summary>Leaves the run once everything posted is done; false where the time was up first.</summary>
    public bool Close(TimeSpan timeout)
    {
        _closing = true;
        _wake.Set();
        return WaitFor(_ended, timeout);
    }

    /// <summary>Has the library end all ranks; returns only where it does not do so within the time.</summary>
    public void Abort(int code, TimeSpan timeout)
    {
        _abortCode = code;
        _wake.Set();
        _ended.Wait(timeout);
    }

    private bool WaitFor(ManualResetEventSlim stage, TimeSpan timeout)
    {
        if (!stage.Wait(timeout))
            return false;
        if (_failure is not null)
            ExceptionDispatchInfo.Throw(_failure);
        return true;
    }

    private void Run()
    {
        try
        {
            MpiApi api;
            using (new SignalHandlers())
            {
                api = _load();
                api.Start(out int rank, out int size);
                (Rank, Size, Version, Handles) = (rank, size, api.Version, api.Handles);
            }
            _started.Set();
            Serve(api);
            if (_abortCode != 0)
                api.Abort(_abortCode);
            else if (_failure is null)
                api.Stop();
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
        _started.Set();
        _ended.Set();
    }

    private unsafe void Serve(MpiApi api)
    {
        // never freed: it is the library's until the process ends, and there is one per process
        for (int i = 0; i < Window; i++)
            _scratch.Push((nint)NativeMemory.Alloc(ScratchBytes));
        int polls = 0;
        bool idle = false;
        while (_abortCode == 0)
        {
            bool moved = false;
            try
            {
                if (idle && Size > 1 && _failure is null)
                    api.Progress();
                Begin(api);
                foreach (MpiCollective collective in _open)
                    moved |= collective.Poll(api, _scratch);
            }
            catch (CommunicationException failure)
            {
                _failure = failure;
            }
            if (_failure is not null)
                Refuse(_failure);
            _open.RemoveAll(static collective => collective.IsCompleted);

            idle = false;
            if (_open.Count > 0)
                Pause(polls = moved ? 0 : polls + 1);
            else if (_closing && _posted.IsEmpty)
                return;
            else
                idle = !_wake.WaitOne(s_idle);
        }
    }

    /// <summary>Begins requests while there is room, in the order posted, which is the same on all ranks.</summary>
    private void Begin(MpiApi api)
    {
        while (_failure is null && _posted.TryPeek(out MpiCollective? collective))
        {
            if (_open.Count == 0 || _open[^1] != collective)
                _open.Add(collective);
            while (!collective.IsStarted)
            {
                if (!_scratch.TryPop(out nint scratch))
                    return;
                collective.StartNext(api, scratch);
            }
            _posted.TryDequeue(out _);
        }
    }

    private void Refuse(Exception failure)
    {
        while (_posted.TryDequeue(out MpiCollective? collective))
            collective.Fail(failure);
        foreach (MpiCollective collective in _open)
            collective.Fail(failure);
    }

    /// <summary>
    /// Between two looks at open requests: give way to other threads first, then sleep, so that a waiting rank leaves the cores to those that compute.
    /// </summary>
    private static void Pause(int polls)
    {
        const int yields = 1000;
        const int sleep = 50;
        if (polls < yields)
            Thread.Yield();
        else
            SystemLibrary.Sleep(sleep);
    }
}
