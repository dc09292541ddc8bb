namespace MiniMind.MLNet.Dpo.Data;

/// <summary>A file of preferences or conversations holds something that cannot be trained on.</summary>
/// <remarks>The message names the file and the line, the field and its value, and says what would be right.</remarks>
public sealed class PreferenceDataException : FormatException
{
    internal PreferenceDataException(string path, long? lineNumber, BadRowReason? reason, string? field, string text, Exception? inner = null,
        string? place = null)
        : base($"{place ?? (lineNumber is null ? path : $"{path}:{lineNumber}")}: {text}", inner)
    {
        Path = path;
        LineNumber = lineNumber;
        Reason = reason;
        Field = field;
    }

    /// <summary>The file, as it was given.</summary>
    public string Path { get; }

    /// <summary>
    /// The line in which the row begins (in Parquet, which has no lines, the row), counted from 1; null where the file as a whole is at fault.
    /// </summary>
    public long? LineNumber { get; }

    /// <summary>The kind of fault; null where the file as a whole is at fault.</summary>
    public BadRowReason? Reason { get; }

    /// <summary>The field at fault, such as <c>rejected[2].role</c>; null where the whole line or file is.</summary>
    public string? Field { get; }
}
