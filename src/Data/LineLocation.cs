namespace MiniMind.MLNet.Dpo.Data;

/// <summary>A line of a file, to be named in errors.</summary>
/// <param name="Path">The file, as it was given.</param>
/// <param name="LineNumber">Counted from 1.</param>
internal readonly record struct LineLocation(string Path, long LineNumber)
{
    /// <summary>What errors of the line say besides, such as what the row was taken for; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>The error for a fault of this line; <paramref name="text"/> says what is wrong, the value, and what would be right.</summary>
    public PreferenceDataException Fault(BadRowReason reason, string? field, string text, Exception? inner = null) =>
        new(Path, LineNumber, reason, field, Note is null ? text : $"{text} {Note}", inner);
}
