namespace MiniMind.MLNet.Dpo.Publicizer;

/// <summary>
/// One line of the list: <c>Assembly Namespace.Type</c> or <c>Assembly Namespace.Type Member Signature</c>; nested types are joined by '+'. A method's
/// signature is <c>(types of parameters)type of result</c>, a field's is its type; a test compares it, the tool goes by the name alone.
/// </summary>
internal sealed record ListedInternal(string File, int Line, string Assembly, string Type, string? Member, string? Signature)
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
            string[] words = line.Split(' ', 4, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length is not (2 or 4))
                throw new FormatException($"line {number}: '{line}' is not 'Assembly Type' or 'Assembly Type Member Signature'.");
            listed.Add(new ListedInternal(file, number, words[0], words[1], words.ElementAtOrDefault(2), words.ElementAtOrDefault(3)));
        }
        return listed;
    }

    /// <summary>The message in the form that MSBuild shows as an error at this line.</summary>
    public string Fault(string what) => $"{File}({Line}): error PUB001: {Assembly} {Type} {Member}".TrimEnd() + $": {what}.";
}
