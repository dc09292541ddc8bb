namespace MiniMind.MLNet.Dpo.Data;

/// <summary>A record's place in a file, to be named in errors.</summary>
/// <param name="Path">The file, as it was given.</param>
/// <param name="LineNumber">The line in which the record begins, or its row where the file has no lines; counted from 1.</param>
/// <param name="Item">What else tells the place, such as <c>element 3</c>.</param>
/// <param name="IsLine">Whether the number is that of a line.</param>
internal readonly record struct LineLocation(string Path, long LineNumber, string? Item = null, bool IsLine = true)
{
    /// <summary>The place in words, as errors begin.</summary>
    public string Place => $"{Path}{(IsLine ? $":{LineNumber}" : "")}{(Item is null ? "" : $" ({Item})")}";

    /// <summary>The error for a fault of this record; <paramref name="text"/> says what is wrong, the value, and what would be right.</summary>
    public PreferenceDataException Fault(BadRowReason reason, string? field, string text, Exception? inner = null) =>
        new(Path, LineNumber, reason, field, text, inner, Place);
}
