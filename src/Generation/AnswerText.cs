using System.Text;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>The contents of an answer, as its tokens come: without special tokens, in whole characters, up to what ends it.</summary>
/// <remarks>Special tokens are not shown, but stop sequences and the marks of parts see them.</remarks>
/// <param name="tokenizer">Decodes.</param>
/// <param name="endIds">Ids that end the answer.</param>
/// <param name="stops">Texts that end the answer; none is empty.</param>
/// <param name="parts">Tells text, reasoning and calls apart.</param>
/// <param name="goesOn">Whether it goes on with a text, rather than being one of its own: its first token keeps the space that it begins with.</param>
internal sealed class AnswerText(
    HuggingFaceTokenizer tokenizer, IReadOnlySet<int> endIds, IReadOnlyList<string> stops, AnswerParts parts, bool goesOn = false)
{
    private readonly IncrementalDecoder _decoder = new(tokenizer, skipSpecialTokens: true, goesOn);
    private readonly StopSequences _stops = new(stops);

    /// <summary>Whether an end token, a stop sequence, or the last call that may come has come.</summary>
    public bool Ended { get; private set; }

    /// <summary>What can be shown after a further token; often nothing.</summary>
    public IReadOnlyList<AIContent> Append(int id)
    {
        bool isEnd = endIds.Contains(id);
        if (!isEnd && !tokenizer.IsSpecial(id))
            return Contents(_stops.Append(new TextRun(_decoder.Append(id), IsShown: true)));
        TextRun mark = new(Encoding.UTF8.GetString(tokenizer.TokenBytes(id)), IsShown: false);
        IReadOnlyList<TextRun> runs = _stops.Append(mark);
        if (!isEnd)
            return Contents(runs);
        Ended = true;
        TextRun[] all = [.. runs, .. _stops.Flush()];
        return Contents(all is [.., var last] && !last.IsShown && last.Text.EndsWith(mark.Text, StringComparison.Ordinal)
            ? [.. all[..^1], last with { Text = last.Text[..^mark.Text.Length] }] // only what stops at it has to see it
            : all);
    }

    /// <summary>What is left at the end.</summary>
    public IReadOnlyList<AIContent> Flush()
    {
        List<AIContent> contents = [.. Contents(_stops.Append(new TextRun(_decoder.Flush(), IsShown: true))), .. Contents(_stops.Flush())];
        parts.Flush(contents);
        return contents;
    }

    private List<AIContent> Contents(IReadOnlyList<TextRun> runs)
    {
        List<AIContent> contents = [];
        foreach (TextRun run in runs)
            parts.Append(run, contents);
        Ended |= _stops.Stopped || parts.IsFull;
        return contents;
    }
}
