using Microsoft.Extensions.Logging;

namespace MiniMind.MLNet.Dpo.Tests.Training.Records;

/// <summary>A logger that keeps what it is told.</summary>
internal sealed class CollectedLog : ILogger
{
    public List<LoggedLine> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Add(new LoggedLine(logLevel, eventId, formatter(state, exception), new Dictionary<string,
            object?>((IEnumerable<KeyValuePair<string, object?>>)state!)));
}
