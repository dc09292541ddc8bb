using System.Runtime.ExceptionServices;
using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>An answer between the loop that makes it and the caller who reads it: what was made and not yet read, of which there is a most.</summary>
/// <remarks>Made by one thread and read by another; both may go away at any time.</remarks>
/// <param name="answer">The answer; only the loop touches it.</param>
/// <param name="owner">Whose it is.</param>
/// <param name="most">How many times updates may lie unread.</param>
/// <param name="resume">Called when it rested and is being read on.</param>
internal sealed class ScheduledAnswer(ChatAnswer answer, object owner, int most, Action<ScheduledAnswer> resume)
{
    private readonly Lock _change = new();
    private readonly Queue<IReadOnlyList<ChatResponseUpdate>> _made = [];
    private TaskCompletionSource? _news;
    private Exception? _failure;
    private bool _isWhole, _isLeft, _rests;

    /// <summary>The answer.</summary>
    public ChatAnswer Answer => answer;

    /// <summary>Whose it is.</summary>
    public object Owner => owner;

    /// <summary>What the model remembers of it while it has a place; the loop's.</summary>
    public ISequenceCache? Cache { get; set; }

    /// <summary>Whether that is of a sequence beyond LongRoPE's original context; the loop's.</summary>
    public bool IsExtended { get; set; }

    /// <summary>Where its scores are put; the loop's.</summary>
    public float[]? Logits { get; set; }

    /// <summary>Whether nothing more is to be made: it is whole, has failed, or nobody wants it.</summary>
    public bool IsOver
    {
        get
        {
            lock (_change)
                return _isWhole || _isLeft || _failure is not null;
        }
    }

    /// <summary>Whether something went wrong.</summary>
    public bool HasFailed
    {
        get
        {
            lock (_change)
                return _failure is not null;
        }
    }

    /// <summary>Adds the next token, and what it shows.</summary>
    public void Step()
    {
        try
        {
            IReadOnlyList<ChatResponseUpdate> updates = answer.Add(Logits);
            lock (_change)
            {
                if (updates.Count > 0 && !_isLeft)
                    _made.Enqueue(updates);
                _isWhole = answer.Ended;
                if (updates.Count > 0 || _isWhole)
                    Tell();
            }
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
    }

    /// <summary>Ends it with what went wrong, which is told behind what was made.</summary>
    public void Fail(Exception failure)
    {
        lock (_change)
        {
            _failure ??= failure;
            Tell();
        }
    }

    /// <summary>Has it rest where as much is unread as may be.</summary>
    /// <returns>Whether it rests.</returns>
    public bool TryRest()
    {
        lock (_change)
            return _rests = _made.Count >= most && !_isWhole && !_isLeft;
    }

    /// <summary>Ends it at once, for the reason that is given; what was made is told no more.</summary>
    public void End(Exception reason)
    {
        lock (_change)
        {
            _made.Clear();
            (_failure, _isWhole) = (reason, false);
            Tell();
        }
    }

    /// <summary>Says that nobody wants it any more.</summary>
    public void Leave()
    {
        lock (_change)
        {
            _isLeft = true;
            _made.Clear();
        }
    }

    /// <summary>The next updates; <see langword="null"/> at its end.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async ValueTask<IReadOnlyList<ChatResponseUpdate>?> TakeAsync(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            Task? news = null;
            IReadOnlyList<ChatResponseUpdate>? made;
            bool resumes = false;
            lock (_change)
            {
                if (_made.TryDequeue(out made))
                {
                    resumes = _rests && _made.Count <= most / 2;
                    _rests &= !resumes;
                }
                else if (_failure is not null)
                {
                    ExceptionDispatchInfo.Throw(_failure);
                }
                else if (_isWhole)
                {
                    return null;
                }
                else
                {
                    news = (_news ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
                }
            }
            if (resumes)
                resume(this);
            if (news is null)
                return made;
            await news.WaitAsync(cancellation).ConfigureAwait(false);
        }
    }

    private void Tell()
    {
        _news?.TrySetResult();
        _news = null;
    }
}
