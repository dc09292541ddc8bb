using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Serving;

/// <summary>Ends a request when its caller leaves, when its time is over, or when the app stops; and knows which it was.</summary>
internal sealed class RequestDeadline : IDisposable
{
    private readonly CancellationToken _left, _stopping;
    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _source;

    public RequestDeadline(HttpContext context, TimeSpan limit)
    {
        _limit = limit;
        _left = context.RequestAborted;
        _stopping = context.RequestServices.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        _source = CancellationTokenSource.CreateLinkedTokenSource(_left, _stopping);
        if (limit != Timeout.InfiniteTimeSpan)
            _source.CancelAfter(limit);
    }

    /// <summary>Cancelled when the request is to end.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Whether nobody waits for an answer any more.</summary>
    public bool CallerLeft => _left.IsCancellationRequested;

    /// <summary>What to tell the caller; <see langword="null"/> where the request is not to end.</summary>
    public ApiException? Fault => !_source.IsCancellationRequested ? null : _stopping.IsCancellationRequested ? Faults.Stopping() : Faults.TimedOut(_limit);

    public void Dispose() => _source.Dispose();
}
