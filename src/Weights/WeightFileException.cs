namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Says what is wrong with a weights file, where in it, and what would be right.</summary>
public sealed class WeightFileException : IOException
{
    private const int LongestPart = 4000;

    internal WeightFileException(string path, string where, string what, Exception? inner = null)
        : base($"{path}: {Printable(where)}: {Printable(what)}", inner)
    {
        Path = path;
        Where = where;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The place in the file: a byte offset, a tensor's name, an entry of an archive.</summary>
    public string Where { get; }

    // Names come from the file: they may be megabytes long and hold control characters that would rewrite a terminal's line.
    private static string Printable(string text)
    {
        string cut = text.Length <= LongestPart ? text : string.Concat(text.AsSpan(0, LongestPart), "...");
        return cut.Any(char.IsControl) ? string.Concat(cut.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : cut;
    }
}
