namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>A cell's place among the bytes of its record, quotes around it left out.</summary>
/// <param name="Start">The offset of its first byte.</param>
/// <param name="Length">How many bytes it has.</param>
/// <param name="IsQuoted">Whether quotes in it are doubled.</param>
internal readonly record struct TableCell(int Start, int Length, bool IsQuoted);
