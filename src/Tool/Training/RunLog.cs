using Microsoft.Extensions.Logging;
using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Training;

/// <summary>Hears when a run begins, and tells where it goes on. Warnings come with ML.NET's log, and steps with the progress.</summary>
/// <param name="console">What is told.</param>
/// <param name="begin">Done when all that was given has been found right, before the first step.</param>
internal sealed class RunLog(ToolConsole console, Action begin) : ILogger
{
    private const int Started = 1, Resumed = 2; // the library's events

    /// <summary>Whether the run began.</summary>
    public bool HasBegun { get; private set; }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id is not (Started or Resumed) || HasBegun)
            return;
        HasBegun = true;
        begin();
        if (eventId.Id == Started)
            return;
        console.Line(formatter(state, exception));
        console.Event("resumed", new() { ["message"] = formatter(state, exception) });
    }
}
