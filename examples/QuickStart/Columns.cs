namespace QuickStart;

/// <summary>Sets two texts beside each other.</summary>
internal static class Columns
{
    /// <summary>The lines of both texts, each wrapped at <paramref name="width"/> characters, with a bar between them.</summary>
    public static IEnumerable<string> SideBySide(string left, string right, int width)
    {
        List<string> leftLines = Wrap(left, width), rightLines = Wrap(right, width);
        for (int i = 0; i < Math.Max(leftLines.Count, rightLines.Count); i++)
            yield return $"{leftLines.ElementAtOrDefault(i)?.PadRight(width) ?? new string(' ', width)} | {rightLines.ElementAtOrDefault(i)}";
    }

    private static List<string> Wrap(string text, int width)
    {
        List<string> lines = [];
        string line = "";
        foreach (string word in text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            string rest = word;
            if (line.Length > 0 && line.Length + 1 + rest.Length > width)
            {
                lines.Add(line);
                line = "";
            }
            for (; rest.Length > width; rest = rest[width..])
                lines.Add(rest[..width]);
            line = line.Length == 0 ? rest : $"{line} {rest}";
        }
        if (line.Length > 0)
            lines.Add(line);
        return lines;
    }
}
