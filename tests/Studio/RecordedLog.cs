using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace MiniMind.MLNet.Dpo.AspNetCore.Tests;

/// <summary>Keeps all that an app logs, at every level.</summary>
internal sealed class RecordedLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _lines = [];

    public IReadOnlyList<(LogLevel Level, string Text)> Lines => [.. _lines];

    public ILogger CreateLogger(string category) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel level) => true;

    public void Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue((level, $"{formatter(state, exception)} {exception}"));

    public void Dispose()
    {
    }
}
