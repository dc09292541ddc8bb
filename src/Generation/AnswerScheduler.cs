using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Has answers that are wanted at once decoded together, by one loop that alone touches the reader and its caches.</summary>
/// <remarks>
/// Thread-safe. The loop has a thread of its own while there is something to do. A place is free when its answer is whole or fails, when its caller leaves, and
/// when its caller reads it more slowly than it is made: then it rests, and waits for a place again when it is read on.
/// </remarks>
/// <param name="model">Taken over: freed when the scheduler is.</param>
/// <param name="options">How many at once, and what is kept.</param>
internal sealed class AnswerScheduler(IReadableModel model, ServingOptions options) : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500), s_linger = TimeSpan.FromSeconds(1);

    private readonly object _change = new();
    private readonly List<ScheduledAnswer> _waiting = [], _decoding = [];
    private readonly DecodingPasses _passes = new(model, options);
    private Thread? _loop;
    private bool _isClosed, _loopFrees;

    /// <summary>The model that is read.</summary>
    public IReadableModel Model => model;

    /// <summary>What it does now.</summary>
    public ServingStatus Status
    {
        get
        {
            lock (_change)
                return _passes.Status with { Decoding = Wanted(_decoding), Waiting = Wanted(_waiting) };
        }
    }

    /// <summary>What ends an answer whose client is disposed.</summary>
    public static ObjectDisposedException Ended() =>
        new(nameof(MiniMindChatClient), "It was disposed while an answer was being generated; the answer ends here.");

    /// <summary>Has an answer made.</summary>
    /// <param name="answer">The answer; nobody else touches it from now on.</param>
    /// <param name="owner">Whose it is, for <see cref="EndAll"/>.</param>
    /// <exception cref="TooManyRequestsException">As many wait as may.</exception>
    /// <exception cref="ObjectDisposedException">It is closed.</exception>
    public ScheduledAnswer Start(ChatAnswer answer, object owner)
    {
        ScheduledAnswer scheduled = new(answer, owner, options.MostAhead, Enqueue);
        lock (_change)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(IChatClient));
            int waiting = Wanted(_waiting) - Math.Max(0, options.MostTogether - Wanted(_decoding)); // behind those that get a place at once
            if (waiting >= options.MostWaiting)
                throw new TooManyRequestsException(waiting);
            Enqueue(scheduled);
        }
        return scheduled;
    }

    /// <summary>Ends all answers of an owner.</summary>
    public void EndAll(object owner)
    {
        lock (_change)
        {
            foreach (ScheduledAnswer answer in _waiting.Concat(_decoding).Where(answer => answer.Owner == owner))
                answer.End(Ended());
        }
    }

    /// <summary>Ends all answers and lets go of the model; waits a moment for the pass that runs, behind which all is freed if it takes longer.</summary>
    public void Dispose()
    {
        Thread? loop;
        lock (_change)
        {
            if (_isClosed)
                return;
            _isClosed = true;
            foreach (ScheduledAnswer answer in _waiting.Concat(_decoding))
                answer.End(Ended());
            Monitor.PulseAll(_change);
            loop = _loop;
        }
        if (loop is null)
            Free();
        else
            loop.Join(s_patience);
    }

    private static int Wanted(List<ScheduledAnswer> answers) => answers.Count(answer => !answer.IsOver);

    private void Enqueue(ScheduledAnswer answer)
    {
        lock (_change)
        {
            if (_isClosed)
            {
                answer.End(Ended());
                return;
            }
            _waiting.Add(answer);
            Monitor.PulseAll(_change);
            if (_loop is not null)
                return;
            _loop = new Thread(Loop) { IsBackground = true, Name = nameof(AnswerScheduler) };
            _loop.UnsafeStart();
        }
    }

    private void Loop()
    {
        while (Next())
        {
            try
            {
                _passes.Run(_decoding);
            }
            catch (Exception failure) // where not even the caches can be made: those that are decoded fail, and the next ones are tried
            {
                foreach (ScheduledAnswer answer in _decoding)
                    answer.Fail(failure);
            }
        }
        if (_loopFrees)
            Free();
    }

    /// <summary>Has those decode that have places now; waits where there are none.</summary>
    /// <returns>Whether there is anything to decode; otherwise the loop has ended.</returns>
    private bool Next()
    {
        do
            ChangePlaces();
        while (_decoding.Count == 0 && Wait());
        return _decoding.Count > 0;
    }

    /// <summary>Takes places from those that need none, and gives them to those that wait.</summary>
    private void ChangePlaces()
    {
        List<ScheduledAnswer> leaving;
        lock (_change)
        {
            leaving = _decoding.FindAll(answer => _isClosed || answer.IsOver || answer.TryRest());
            _decoding.RemoveAll(leaving.Contains);
            _waiting.RemoveAll(answer => answer.IsOver);
            int admitted = _isClosed ? 0 : Math.Min(_waiting.Count, options.MostTogether - _decoding.Count);
            _decoding.AddRange(_waiting[..admitted]);
            _waiting.RemoveRange(0, admitted);
        }
        foreach (ScheduledAnswer answer in leaving)
            _passes.Leave(answer);
    }

    /// <summary>Waits for something to do.</summary>
    /// <returns>Whether there is; otherwise the loop ends.</returns>
    private bool Wait()
    {
        lock (_change)
        {
            if (!_isClosed && _waiting.Count == 0)
                Monitor.Wait(_change, s_linger);
            if (!_isClosed && _waiting.Count > 0)
                return true;
            if (_isClosed)
                _loopFrees = true;
            else
                _loop = null;
            return false;
        }
    }

    private void Free()
    {
        _passes.Dispose();
        model.Dispose();
    }
}
