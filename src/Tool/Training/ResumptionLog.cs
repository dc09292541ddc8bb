using Microsoft.Extensions.Logging;
using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Training;

/// <summary>Tells where a run goes on. Warnings come with ML.NET's log, and steps with the progress.</summary>
/// <param name="console">What is told.</param>
internal sealed class ResumptionLog(ToolConsole console) : ILogger
{
    private const int Resumed = 2; // the library's event

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (eventId.Id != Resumed)
            return;
        console.Line(formatter(state, exception));
        console.Event("resumed", new() { ["message"] = formatter(state, exception) });
    }
}
