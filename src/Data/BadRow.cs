namespace MiniMind.MLNet.Dpo.Data;

/// <summary>One line that was left out, and why.</summary>
/// <param name="Path">The file: as it was given, or its name alone where the report has passed through a schema.</param>
/// <param name="LineNumber">The line in that file, counted from 1.</param>
/// <param name="Reason">The kind of fault.</param>
/// <param name="Field">The field at fault, such as <c>rejected[2].role</c>; null where the whole line is.</param>
/// <param name="Message">The full error text; null where the report has passed through a schema, which carries no text of the data.</param>
public sealed record BadRow(string Path, long LineNumber, BadRowReason Reason, string? Field, string? Message);
