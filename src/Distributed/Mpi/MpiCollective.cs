namespace MiniMind.MLNet.Dpo.Training.Distributed.Mpi;

/// <summary>One collective on its way through the communication thread; large ones are several requests.</summary>
internal sealed unsafe class MpiCollective
{
    private readonly ManualResetEventSlim _done = new();
    private readonly MpiStart[] _starts;
    private readonly nint[] _requests;
    private readonly nint[] _scratch;
    private readonly object? _memory;
    private int _started;
    private int _finished;

    /// <summary>Creates the collective; nothing is sent yet.</summary>
    /// <param name="description">For messages.</param>
    /// <param name="memory">What must stay alive until the end: the owner of the buffers.</param>
    /// <param name="starts">What begins each request.</param>
    public MpiCollective(string description, object? memory, params MpiStart[] starts)
    {
        Description = description;
        _memory = memory;
        _starts = starts;
        _requests = new nint[starts.Length];
        _scratch = new nint[starts.Length];
    }

    public string Description { get; }

    public bool IsCompleted => _done.IsSet;

    /// <summary>What went wrong, once it is completed.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Whether all requests have begun.</summary>
    public bool IsStarted => _started == _starts.Length;

    /// <summary>Begins the next request; on the communication thread.</summary>
    public void StartNext(MpiApi api, nint scratch)
    {
        _scratch[_started] = scratch;
        fixed (nint* requests = _requests)
            _starts[_started](api, scratch, requests + _started);
        _started++;
    }

    /// <summary>
    /// Moves the requests on, completes the collective with the last one and gives back the memory of those that are done; on the communication thread.
    /// </summary>
    /// <returns>Whether a request was finished.</returns>
    public bool Poll(MpiApi api, Stack<nint> scratch)
    {
        int before = _finished;
        fixed (nint* requests = _requests)
        {
            // requests finish nearly in order, so the first open one is the one to ask
            while (_finished < _started && api.Test(requests + _finished))
                scratch.Push(_scratch[_finished++]);
        }
        if (_finished == _starts.Length)
            _done.Set();
        return _finished > before;
    }

    /// <summary>Ends the wait with an error; on the communication thread.</summary>
    public void Fail(Exception failure)
    {
        Failure = failure;
        _done.Set();
    }

    /// <summary>Waits for the end; false where the time was up first.</summary>
    public bool Wait(TimeSpan timeout)
    {
        bool inTime = _done.Wait(timeout);
        GC.KeepAlive(_memory);
        return inTime;
    }
}
