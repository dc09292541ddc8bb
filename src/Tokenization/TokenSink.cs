using System.Runtime.InteropServices;
using System.Text;
using MiniMind.MLNet.Dpo.Tokenization.Models;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Collects the tokens of one text, and their ranges in it where these are wanted.</summary>
/// <param name="words">Encodes single words.</param>
/// <param name="ids">The list that the ids are added to.</param>
/// <param name="spans">The list that ids with ranges are added to, or <see langword="null"/>.</param>
/// <param name="budget">The time that the text has.</param>
internal sealed class TokenSink(IWordModel words, List<int> ids, List<TokenSpan>? spans, EncodingBudget budget)
{
    private readonly List<int> _lengths = [];
    private readonly List<SourceRange> _sources = [];

    /// <summary>The time that the text has.</summary>
    public EncodingBudget Budget => budget;

    /// <summary>Adds a token that stands for a range of the given text.</summary>
    public void AddToken(int id, int start, int end)
    {
        ids.Add(id);
        spans?.Add(new TokenSpan(id, start, end - start));
    }

    /// <summary>Adds the tokens of a word.</summary>
    public void AddWord(TextPiece word)
    {
        if (spans is null)
        {
            words.Encode(word.Text, ids);
            return;
        }
        int first = ids.Count;
        _lengths.Clear();
        words.Encode(word.Text, ids, _lengths);
        AddSpans(word, first);
    }

    private void AddSpans(TextPiece word, int first)
    {
        AddByteSources(word);
        ReadOnlySpan<SourceRange> sources = CollectionsMarshal.AsSpan(_sources);
        int from = 0;
        for (int i = first; i < ids.Count; i++)
        {
            int to = Math.Min(from + _lengths[i - first], sources.Length);
            int start = from < sources.Length ? sources[from].Start : sources[^1].End;
            int end = to > from ? sources[to - 1].End : start;
            spans!.Add(new TokenSpan(ids[i], start, end - start));
            from = to;
        }
    }

    /// <summary>Notes for every UTF-8 byte of the word the range of the character that it belongs to.</summary>
    private void AddByteSources(TextPiece word)
    {
        _sources.Clear();
        int index = 0;
        foreach (Rune rune in word.Text.EnumerateRunes())
        {
            SourceRange source = new(word.SourceOf(index).Start, word.SourceOf(index + rune.Utf16SequenceLength - 1).End);
            for (int i = 0; i < rune.Utf8SequenceLength; i++)
                _sources.Add(source);
            index += rune.Utf16SequenceLength;
        }
    }
}
