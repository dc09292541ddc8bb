namespace MiniMind.MLNet.Dpo.Publicizer;

/// <summary>One line of the list: <c>Assembly Namespace.Type</c> or <c>Assembly Namespace.Type Member</c>; nested types are joined by '+'.</summary>
internal sealed record ListedInternal(string File, int Line, string Assembly, string Type, string? Member)
{
    /// <summary>Reads the list; blank lines and lines that start with '#' say nothing.</summary>
    public static IReadOnlyList<ListedInternal> ReadAll(string file)
    {
        List<ListedInternal> listed = new();
        int number = 0;
        foreach (string line in System.IO.File.ReadLines(file))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line) || line.StartsWith('#'))
                continue;
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length is not (2 or 3))
                throw new FormatException($"line {number}: '{line}' is not 'Assembly Type' or 'Assembly Type Member'.");
            listed.Add(new ListedInternal(file, number, words[0], words[1], words.ElementAtOrDefault(2)));
        }
        return listed;
    }

    /// <summary>The message in the form that MSBuild shows as an error at this line.</summary>
    public string Fault(string what) => $"{File}({Line}): error PUB001: {Assembly} {Type} {Member}".TrimEnd() + $": {what}.";
}
