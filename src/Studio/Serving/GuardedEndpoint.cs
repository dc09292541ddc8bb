using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MiniMind.MLNet.Dpo.AspNetCore.Responses;

namespace MiniMind.MLNet.Dpo.AspNetCore.Serving;

/// <summary>Checks the caller, answers, and tells of whatever went wrong in OpenAI's form.</summary>
/// <param name="options">The bounds.</param>
/// <param name="callers">Who may ask.</param>
/// <param name="answer">Answers.</param>
internal sealed class GuardedEndpoint(ChatEndpointOptions options, CallerCheck callers, Func<EndpointRequest, Task> answer)
{
    /// <summary>What a caller that left is said to have got, where it is logged; nobody receives it.</summary>
    private const int CallerLeft = 499;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>For what was sent to be on its way, before the connection is cut.</summary>
    private static readonly TimeSpan s_delivery = TimeSpan.FromMilliseconds(100);

    /// <summary>Answers a request.</summary>
    public async Task RunAsync(HttpContext context)
    {
        ILogger log = context.RequestServices.GetService<ILoggerFactory>()?.CreateLogger(EndpointLog.Category) ?? NullLogger.Instance;
        using RequestDeadline deadline = new(context, options.RequestTimeout);
        context.Response.Headers["x-request-id"] = context.TraceIdentifier;
        try
        {
            callers.Require(context);
            await answer(new EndpointRequest(context, log, deadline.Token)).ConfigureAwait(false);
        }
        catch (Exception fault) when (deadline.CallerLeft)
        {
            _ = fault; // whatever it is, it comes of that
            log.CallerLeft();
            if (!context.Response.HasStarted)
                context.Response.StatusCode = CallerLeft;
        }
        catch (Exception fault)
        {
            await TellAsync(context, Told(fault, deadline, log), log).ConfigureAwait(false);
        }
    }

    private static async Task TellAsync(HttpContext context, ApiException fault, ILogger log)
    {
        log.Refused(fault.Status, fault.Error.Code);
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(s_patience);
        try
        {
            await SendAsync(context, fault, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            context.Abort(); // who does not read is told nothing
        }
    }

    private static ApiException Told(Exception fault, RequestDeadline deadline, ILogger log)
    {
        if (fault is OperationCanceledException && deadline.Fault is { } ended)
            return ended;
        if (ClientFaults.Of(fault) is { } told)
            return told;
        log.Failed(fault.GetType().FullName!, fault.StackTrace); // its message may quote what someone wrote
        return Faults.Internal();
    }

    private static async Task SendAsync(HttpContext context, ApiException fault, CancellationToken cancellation)
    {
        if (context.Response.HasStarted)
        {
            await new EventStream(context.Response).FailAsync(fault.Error, cancellation).ConfigureAwait(false);
            await Task.Delay(s_delivery, cancellation).ConfigureAwait(false);
            context.Abort(); // clients that do not know of such events would take an end for the answer's
            return;
        }
        if (fault.RetryAfter is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (fault.IsFinal)
            context.Response.Headers["x-should-retry"] = "false";
        await JsonAnswer.SendAsync(context.Response, fault.Status, new ErrorBody(fault.Error), AnswerJson.Plain.ErrorBody, cancellation).ConfigureAwait(false);
    }
}
