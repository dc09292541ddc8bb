namespace MiniMind.MLNet.Dpo.Data;

/// <summary>A record's place in a file, to be named in errors.</summary>
/// <param name="Path">The file, as it was given.</param>
/// <param name="LineNumber">The line in which the record begins, or its row where the file has no lines; counted from 1.</param>
/// <param name="Noun">What a record of the file is called.</param>
/// <param name="Ordinal">The record's number where the line does not say it all; else 0.</param>
/// <param name="IsLine">Whether the line number is that of a line.</param>
internal readonly record struct LineLocation(string Path, long LineNumber, string Noun = "line", long Ordinal = 0, bool IsLine = true)
{
    /// <summary>What errors of the line say besides, such as what the row was taken for; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>The place in words, as errors begin.</summary>
    public string Place => $"{Path}{(IsLine ? $":{LineNumber}" : "")}{(Ordinal == 0 ? "" : $" ({Noun} {Ordinal})")}";

    /// <summary>The error for a fault of this record; <paramref name="text"/> says what is wrong, the value, and what would be right.</summary>
    public PreferenceDataException Fault(BadRowReason reason, string? field, string text, Exception? inner = null) =>
        new(Path, LineNumber, reason, field, Note is null ? text : $"{text} {Note}", inner, Place);
}
