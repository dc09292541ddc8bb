using System.Text;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Holds text back while it may be the beginning of a stop sequence, and ends it where one is complete.</summary>
/// <remarks>Text that is not to be shown, such as a special token's, can be part of a stop sequence too.</remarks>
internal sealed class StopSequences(IReadOnlyList<string> sequences)
{
    private readonly List<bool> _isShown = [];
    private string _held = "";

    /// <summary>Whether a stop sequence has been met.</summary>
    public bool Stopped { get; private set; }

    /// <summary>The text that can be shown after more of it has come.</summary>
    /// <param name="text">What has come.</param>
    /// <param name="isShown">Whether it is to be shown, or only searched.</param>
    public string Append(string text, bool isShown = true)
    {
        if (Stopped)
            return "";
        _held += text;
        _isShown.AddRange(Enumerable.Repeat(isShown, text.Length));
        int stop = sequences.Select(s => _held.IndexOf(s, StringComparison.Ordinal)).Where(i => i >= 0).DefaultIfEmpty(-1).Min();
        if (stop >= 0)
        {
            Stopped = true;
            return Take(stop);
        }
        int keep = sequences.Select(sequence => Overlap(_held, sequence)).DefaultIfEmpty(0).Max();
        return Take(_held.Length - keep);
    }

    /// <summary>What is still held at the end.</summary>
    public string Flush() => Stopped ? "" : Take(_held.Length);

    private string Take(int length)
    {
        StringBuilder shown = new(length);
        for (int i = 0; i < length; i++)
        {
            if (_isShown[i])
                shown.Append(_held[i]);
        }

        _held = _held[length..];
        _isShown.RemoveRange(0, length);
        return shown.ToString();
    }

    /// <summary>The longest end of the text that begins the sequence.</summary>
    private static int Overlap(string text, string sequence)
    {
        for (int length = Math.Min(text.Length, sequence.Length - 1); length > 0; length--)
        {
            if (text.AsSpan(text.Length - length).SequenceEqual(sequence.AsSpan(0, length)))
                return length;
        }

        return 0;
    }
}
