using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>What a model wrote and nobody has seen yet, since its meaning depends on what follows; parts of it are to be searched and never shown.</summary>
internal sealed class HeldText
{
    private readonly List<char> _characters = [];
    private readonly List<bool> _isShown = [];

    /// <summary>How many characters are held.</summary>
    public int Length => _characters.Count;

    /// <summary>All of them.</summary>
    public ReadOnlySpan<char> Characters => CollectionsMarshal.AsSpan(_characters);

    /// <summary>Adds what came next.</summary>
    public void Add(TextRun run)
    {
        _characters.AddRange(run.Text);
        CollectionsMarshal.SetCount(_isShown, _characters.Count);
        CollectionsMarshal.AsSpan(_isShown)[^run.Text.Length..].Fill(run.IsShown);
    }

    /// <summary>Takes what is not shown off the beginning.</summary>
    public void DropHidden() => Take(_isShown.IndexOf(true) is var shown and >= 0 ? shown : Length);

    /// <summary>Where a text begins; negative where it does not occur.</summary>
    public int IndexOf(string text) => Characters.IndexOf(text, StringComparison.Ordinal);

    /// <summary>The length of the longest end that begins a text, and is not all of it.</summary>
    public int BeginningOf(string text)
    {
        for (int length = Math.Min(Length, text.Length - 1); length > 0; length--)
        {
            if (Characters[^length..].SequenceEqual(text.AsSpan(0, length)))
                return length;
        }

        return 0;
    }

    /// <summary>Takes characters off the beginning.</summary>
    /// <returns>The pieces that are shown, and those that are not, in order.</returns>
    public IReadOnlyList<TextRun> Take(int length)
    {
        List<TextRun> runs = [];
        for (int start = 0, end; start < length; start = end)
        {
            end = start + 1;
            while (end < length && _isShown[end] == _isShown[start])
                end++;
            runs.Add(new TextRun(Characters[start..end].ToString(), _isShown[start]));
        }

        _characters.RemoveRange(0, length);
        _isShown.RemoveRange(0, length);
        return runs;
    }

    /// <summary>Takes characters off the beginning.</summary>
    /// <returns>Those that are shown.</returns>
    public string TakeShown(int length) => string.Concat(Take(length).Where(run => run.IsShown).Select(run => run.Text));
}
