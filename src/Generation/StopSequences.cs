namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Holds text back while it may be the beginning of a stop sequence, and ends it where one is complete.</summary>
internal sealed class StopSequences(IReadOnlyList<string> sequences)
{
    private string _held = "";

    /// <summary>Whether a stop sequence has been met.</summary>
    public bool Stopped { get; private set; }

    /// <summary>The text that can be shown after more of it has come.</summary>
    public string Append(string text)
    {
        if (Stopped) return "";
        _held += text;
        int stop = sequences.Select(s => _held.IndexOf(s, StringComparison.Ordinal)).Where(i => i >= 0).DefaultIfEmpty(-1).Min();
        if (stop >= 0)
        {
            Stopped = true;
            return Take(stop);
        }
        int keep = sequences.Max(sequence => Overlap(_held, sequence));
        return Take(_held.Length - keep);
    }

    /// <summary>What is still held at the end.</summary>
    public string Flush() => Stopped ? "" : Take(_held.Length);

    private string Take(int length)
    {
        string shown = _held[..length];
        _held = Stopped ? "" : _held[length..];
        return shown;
    }

    /// <summary>The longest end of the text that begins the sequence.</summary>
    private static int Overlap(string text, string sequence)
    {
        for (int length = Math.Min(text.Length, sequence.Length - 1); length > 0; length--)
            if (text.AsSpan(text.Length - length).SequenceEqual(sequence.AsSpan(0, length))) return length;
        return 0;
    }
}
