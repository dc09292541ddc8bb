using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>How options, their values and methods are called in files and on the command line.</summary>
internal static class KeyNames
{
    /// <summary>The key of a name in code: <c>learning-rate</c> of <c>LearningRate</c>.</summary>
    public static string Of(string name) => JsonNamingPolicy.KebabCaseLower.ConvertName(name);

    private const int LongestName = 64;

    /// <summary>A text as messages show it: not more than they need.</summary>
    public static string Short(string text) => text.Length <= LongestName ? text : text[..LongestName] + "…";

    /// <summary>The known name that one is nearest to; <see langword="null"/> where none is near.</summary>
    public static string? Nearest(string name, IEnumerable<string> known)
    {
        if (name.Length > LongestName)
            return null;
        string sought = Of(name).Replace('_', '-');
        (string Name, int Distance)? best = known.Select(candidate => (candidate, Distance(sought, candidate)))
            .OrderBy(pair => pair.Item2).ThenBy(pair => pair.candidate, StringComparer.Ordinal).Cast<(string, int)?>().FirstOrDefault();
        return best is { } found && found.Distance <= Math.Max(2, sought.Length / 3) ? found.Name : null;
    }

    /// <summary>What to say of a name that is not known.</summary>
    public static string Hint(string name, IReadOnlyCollection<string> known) => Nearest(name, known) is { } near
        ? $"; '{near}' is near"
        : known.Count <= 12 ? $"; there are {string.Join(", ", known)}" : "";

    // how many letters must come, go or change
    private static int Distance(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (from[i - 1] == to[j - 1] ? 0 : 1)));
        }
        return row[^1];
    }
}
