using Microsoft.Extensions.AI;

namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Divides an answer into text, reasoning and calls of tools, as it comes.</summary>
/// <remarks>
/// Text and reasoning are given as soon as they cannot be part of a mark; a call is given whole, and what only looks like one is given as text. White space
/// between these parts, which templates write themselves, is left out.
/// </remarks>
/// <param name="format">How calls are written; <see langword="null"/> where there are none to look for.</param>
/// <param name="reader">Reads them; <see langword="null"/> likewise.</param>
/// <param name="beginsThinking">Whether the prompt has opened the reasoning.</param>
/// <param name="mostCalls">After this many calls the answer is at its end.</param>
/// <param name="isPlain">Whether all of it is text, whatever it looks like.</param>
internal sealed class AnswerParts(ToolCallFormat? format, ToolCallReader? reader, bool beginsThinking, int mostCalls, bool isPlain = false)
{
    private readonly HeldText _held = new();
    private readonly bool _isBare = format is { Open: "" };
    private Part _part = beginsThinking ? Part.Reasoning : Part.Text;
    private IReadOnlyList<TextRun> _opening = [];
    private JsonEnd _json = new();
    private bool _skipsSpace = beginsThinking, _isAtStart = true;

    private enum Part
    {
        Text,
        Reasoning,
        Call,
    }

    /// <summary>How many calls there are.</summary>
    public int Calls { get; private set; }

    /// <summary>Whether all calls have come that may come.</summary>
    public bool IsFull => Calls >= mostCalls;

    /// <summary>Takes what the model wrote next.</summary>
    /// <param name="run">A piece.</param>
    /// <param name="contents">Gets what is known of the answer now.</param>
    public void Append(TextRun run, ICollection<AIContent> contents)
    {
        if (isPlain)
        {
            if (run.IsShown && run.Text.Length > 0)
                contents.Add(new TextContent(run.Text));
            return;
        }
        _held.Add(run);
        while (!IsFull && Step(contents, isEnd: false))
        {
        }
    }

    /// <summary>Takes the answer's end.</summary>
    public void Flush(ICollection<AIContent> contents)
    {
        while (!IsFull && Step(contents, isEnd: true))
        {
        }
    }

    /// <summary>Does what can be done with what is held.</summary>
    /// <returns>Whether there is more to do.</returns>
    private bool Step(ICollection<AIContent> contents, bool isEnd)
    {
        if (_skipsSpace)
        {
            int space = _held.Length - _held.Characters.TrimStart().Length;
            _held.Take(space);
            _skipsSpace = _held.Length == 0;
        }
        return _part switch
        {
            Part.Call => Call(contents, isEnd),
            _ when _held.Length == 0 => false,
            Part.Reasoning => Think(contents, isEnd),
            _ => Write(contents, isEnd),
        };
    }

    private bool Think(ICollection<AIContent> contents, bool isEnd)
    {
        int close = _held.IndexOf(ThinkTags.Close);
        int length = close >= 0 ? close : isEnd ? _held.Length : _held.Length - _held.BeginningOf(ThinkTags.Close);
        string text = _held.TakeShown(_held.Characters[..length].TrimEnd().Length);
        if (text.Length > 0)
            contents.Add(new TextReasoningContent(text));
        if (close < 0 && !isEnd)
            return false;
        _held.Take(_held.IndexOf(ThinkTags.Close) is var rest and >= 0 ? rest + ThinkTags.Close.Length : _held.Length);
        (_part, _skipsSpace) = (Part.Text, true);
        return true;
    }

    private bool Write(ICollection<AIContent> contents, bool isEnd)
    {
        if (_isBare && _isAtStart)
        {
            _held.DropHidden();
            if (_held.Characters.TrimStart() is not [var first, ..])
                return isEnd && Show(_held.Length, contents);
            if (first == (format!.IsList ? '[' : '{'))
                return BeginCall(0, 0);
        }
        int think = _held.IndexOf(ThinkTags.Open), call = format is null || _isBare ? -1 : _held.IndexOf(format.Open);
        if (call >= 0 && (think < 0 || call < think))
        {
            int text = _held.Characters[..call].TrimEnd().Length;
            Show(text, contents);
            return BeginCall(call - text, format!.Open.Length);
        }
        if (think >= 0)
        {
            bool isFirst = _held.Characters[..think].IsWhiteSpace() && _isAtStart;
            Show(isFirst ? 0 : think, contents);
            _held.Take((isFirst ? think : 0) + ThinkTags.Open.Length);
            (_part, _skipsSpace) = (Part.Reasoning, true);
            return true;
        }
        if (isEnd)
            return Show(_held.Length, contents);
        bool marksCalls = format is not null && !_isBare;
        int known = _held.Length - Math.Max(_held.BeginningOf(ThinkTags.Open), marksCalls ? _held.BeginningOf(format!.Open) : 0);
        if (marksCalls || _isAtStart && _held.Characters[..known].IsWhiteSpace())
            known = _held.Characters[..known].TrimEnd().Length;
        return Show(known, contents);
    }

    private bool BeginCall(int space, int open)
    {
        _opening = _held.Take(space + open);
        (_part, _json) = (Part.Call, new JsonEnd());
        return true;
    }

    private bool Call(ICollection<AIContent> contents, bool isEnd)
    {
        _json.Continue(_held.Characters);
        if (_json.IsBroken)
            return IsNoCall(contents);
        if (_json.End < 0)
            return isEnd && IsNoCall(contents);
        ReadOnlySpan<char> behind = _held.Characters[_json.End..].TrimStart();
        int close = _held.Length - behind.Length;
        bool mayClose = _isBare ? behind.IsEmpty : behind.Length < format!.Close.Length && format.Close.StartsWith(behind, StringComparison.Ordinal);
        if (mayClose && !isEnd)
            return false;
        bool isClosed = mayClose || !_isBare && behind.StartsWith(format!.Close, StringComparison.Ordinal);
        if (!isClosed || reader!.Read(_held.Characters[.._json.End].ToString()) is not { } calls)
            return IsNoCall(contents);
        foreach (FunctionCallContent call in calls.Take(mostCalls - Calls))
        {
            contents.Add(call);
            Calls++;
        }
        _held.Take(close + Math.Min(behind.Length, format!.Close.Length));
        (_part, _skipsSpace, _isAtStart) = (Part.Text, true, false);
        return true;
    }

    private bool IsNoCall(ICollection<AIContent> contents)
    {
        string text = string.Concat(_opening.Where(run => run.IsShown).Select(run => run.Text));
        if (text.Length > 0)
            contents.Add(new TextContent(text));
        (_part, _isAtStart) = (Part.Text, false);
        return true;
    }

    private bool Show(int length, ICollection<AIContent> contents)
    {
        _isAtStart &= _held.Characters[..length].IsWhiteSpace();
        string text = _held.TakeShown(length);
        if (text.Length > 0)
            contents.Add(new TextContent(text));
        return false;
    }
}
