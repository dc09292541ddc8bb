namespace MiniMind.MLNet.Dpo.Tool.Terminal;

/// <summary>Rows of cells as lines in which columns stand below one another.</summary>
internal static class AlignedText
{
    private const int Gap = 2, WidestCell = 60;

    /// <summary>The lines.</summary>
    /// <param name="rows">The rows, all with the same number of cells.</param>
    /// <param name="indentation">What stands before each line.</param>
    /// <param name="numbersFrom">The first column that is aligned to the right.</param>
    public static IEnumerable<string> Lines(IReadOnlyList<string[]> rows, string indentation = "  ", int numbersFrom = int.MaxValue)
    {
        if (rows.Count == 0)
            yield break;
        string[][] shown = [.. rows.Select(row => row.Select(cell => Short(VisibleText.OneLine(cell))).ToArray())];
        int[] widths = [.. Enumerable.Range(0, shown[0].Length).Select(column => shown.Max(row => row[column].Length))];
        foreach (string[] row in shown)
        {
            yield return (indentation + string.Concat(row.Select((cell, column) => column >= numbersFrom
                ? new string(' ', column == 0 ? 0 : Gap) + cell.PadLeft(widths[column])
                : cell.PadRight(widths[column]) + new string(' ', column + 1 >= numbersFrom ? 0 : Gap)))).TrimEnd();
        }
    }

    private static string Short(string cell) => cell.Length <= WidestCell ? cell : cell[..(WidestCell - 1)] + "…";
}
