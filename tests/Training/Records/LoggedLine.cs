using Microsoft.Extensions.Logging;

namespace MiniMind.MLNet.Dpo.Tests.Training.Records;

/// <summary>One line of a log.</summary>
internal sealed record LoggedLine(LogLevel Level, EventId Event, string Text, IReadOnlyDictionary<string, object?> Values);
