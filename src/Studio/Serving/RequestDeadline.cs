using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Serving;

/// <summary>Ends a request when its caller leaves, when its time is over, or when the app stops; and knows which it was.</summary>
internal sealed class RequestDeadline : IDisposable
{
    private readonly CancellationTokenSource _time = new(), _source;
    private readonly CancellationTokenRegistration[] _registrations;
    private readonly TimeSpan _limit;
    private int _cause;

    public RequestDeadline(HttpContext context, TimeSpan limit)
    {
        _limit = limit;
        CancellationToken stopping = context.RequestServices.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        _source = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping, _time.Token);
        // what is registered last is called first: the cause is known before anything ends by it
        _registrations =
        [
            context.RequestAborted.Register(() => Ended(Cause.CallerLeft)), stopping.Register(() => Ended(Cause.Stopping)),
            _time.Token.Register(() => Ended(Cause.TimeOver)),
        ];
        if (limit != Timeout.InfiniteTimeSpan)
            _time.CancelAfter(limit);
    }

    private enum Cause
    {
        None,
        CallerLeft,
        Stopping,
        TimeOver,
    }

    /// <summary>Cancelled when the request is to end.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether it is the caller who ended it.</summary>
    public bool CallerLeft => First == Cause.CallerLeft;

    /// <summary>What to tell the caller; <see langword="null"/> where the request is not to end.</summary>
    public ApiException? Fault => First switch
    {
        Cause.Stopping => Faults.Stopping(),
        Cause.TimeOver => Faults.TimedOut(_limit),
        _ => null,
    };

    private Cause First => (Cause)Volatile.Read(ref _cause);

    public void Dispose()
    {
        foreach (CancellationTokenRegistration registration in _registrations)
            registration.Dispose();
        _source.Dispose();
        _time.Dispose();
    }

    /// <summary>Keeps the first cause alone: where time is over in the middle of a write, Kestrel cuts the connection, as if the caller had left.</summary>
    private void Ended(Cause cause) => Interlocked.CompareExchange(ref _cause, (int)cause, (int)Cause.None);
}
