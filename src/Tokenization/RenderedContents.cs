namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Tells contents that are whole texts as the template renders them from contents that merely quote control tokens.</summary>
/// <remarks>
/// A text is rendered already if it begins as the template begins a message, closes it or goes over to the next message as the template does, and goes
/// on so to its end. An answer is if it ends with the end of its turn, or of a text, straight behind its words, or begins with its own header. A token quoted
/// within words is neither.
/// </remarks>
internal sealed class RenderedContents
{
    private const int ShortestFrame = 3; // what is shorter tells nothing
    private readonly IReadOnlyList<string> _turns;
    private readonly string[] _bos;
    private readonly string[] _openers;
    private readonly string[] _changes;
    private readonly string[] _answerOpeners;
    private readonly string[] _answerEnds;
    private readonly string[] _endTokens;
    private readonly string[] _textEnds;

    /// <summary>Takes from the template what its texts look like.</summary>
    public RenderedContents(ChatTemplate template, ControlTokens tokens)
    {
        TemplateFrames frames = tokens.Frames;
        _turns = tokens.Turns;
        _bos = [.. template.SpecialTokens.Where(pair => pair.Key == "bos_token" && pair.Value.Length > 0).Select(pair => pair.Value)];
        _openers =
        [
            .. frames.Beginnings.Concat(frames.Changes.Where(change => change.To is "user" or "system").Select(change => FromSecondToken(change.Text)))
                .Where(HasToken).Select(text => WithoutBos(text.TrimStart())).Where(text => text.Trim().Length >= ShortestFrame).Distinct(),
        ];
        _changes = [.. frames.Changes.Select(change => change.Text).Append(frames.Prompt).Select(text => text.Trim())
            .Where(text => text.Length >= ShortestFrame).Distinct()];
        _answerOpeners = [.. frames.Changes.Where(change => change is { From: "user", To: "assistant" })
            .Select(change => FromSecondToken(change.Text).TrimStart()).Where(HasToken).Distinct()];
        string[] behindAnswers = [.. frames.Changes.Where(change => change.From == "assistant").Select(change => change.Text).Concat(frames.Endings)];
        _answerEnds = [.. behindAnswers.Select(UpToFirstToken).Where(end => end.Length > 0).Distinct()];
        _endTokens = [.. _answerEnds.Select(end => end.TrimStart()).Distinct()];
        _textEnds = [.. template.SpecialTokens.Where(pair => pair.Key is "eos_token" or "pad_token" && pair.Value.Length >= ShortestFrame)
            .Select(pair => pair.Value).Except(_endTokens)];
    }

    /// <summary>What shows that a content is rendered already; <see langword="null"/> where nothing does.</summary>
    public string? Evidence(string role, string content)
    {
        if (role == "assistant" && TextEnd(content) is { } textEnd)
            return $"it ends with the end of a text, '{textEnd}'";
        if (!HasToken(content))
            return null;
        if (IsTranscript(content))
            return "it begins a turn as the template does and goes on so to its end";
        return role == "assistant" ? AnswerEvidence(content) : null;
    }

    /// <summary>Whether a text begins as the template begins a conversation or a message.</summary>
    public bool Begins(string text) => _openers.Length == 0 || Opener(WithoutBos(text.TrimStart())) > 0;

    private bool IsTranscript(string content)
    {
        string text = WithoutBos(content.TrimStart());
        int opened = Opener(text);
        if (opened == 0)
            return false;
        string turn = text[opened..], closed = turn.TrimEnd();
        if (!_changes.Any(change => turn.Contains(change, StringComparison.Ordinal)) && !_endTokens.Any(end => closed.EndsWith(end, StringComparison.Ordinal)))
            return false;
        (int last, int length) = (-1, 0);
        foreach (string end in _endTokens)
        {
            if (text.LastIndexOf(end, StringComparison.Ordinal) is var at && at > last)
                (last, length) = (at, end.Length);
        }

        if (last < 0)
            return true;
        string rest = text[(last + length)..].TrimStart();
        return rest.Length == 0 || Opener(rest) > 0 || _turns.Any(token => rest.StartsWith(token, StringComparison.Ordinal));
    }

    private string? AnswerEvidence(string content)
    {
        if (_answerOpeners.FirstOrDefault(opener => content.TrimStart().StartsWith(opener, StringComparison.Ordinal)) is { } header)
            return $"it begins with the answer's header '{header.Trim()}'";
        string trimmed = content.TrimEnd();
        foreach (string end in _answerEnds)
        {
            if (!trimmed.EndsWith(end, StringComparison.Ordinal))
                continue;
            string words = trimmed[..^end.Length];
            // an end that a space sets apart is a word of the sentence
            if (words.Trim().Length > 0 && (!char.IsWhiteSpace(words[^1]) || trimmed.Length < content.Length))
                return $"it ends with the end of a turn, '{end.Trim()}'";
        }
        return null;
    }

    private string? TextEnd(string content)
    {
        string trimmed = content.TrimEnd();
        return _textEnds.FirstOrDefault(end =>
            trimmed.EndsWith(end, StringComparison.Ordinal) && trimmed.Length > end.Length && IsWordEnd(trimmed[^(end.Length + 1)])
                && !IsClosingTag(end, trimmed));
    }

    // as in "<s>struck</s>", which is HTML
    private static bool IsClosingTag(string end, string content) =>
        end.StartsWith("</", StringComparison.Ordinal) && content.Contains($"<{end[2..]}", StringComparison.Ordinal);

    // behind a space, a quotation mark or a bracket the token is quoted
    private static bool IsWordEnd(char character) => char.IsLetterOrDigit(character)
        || character is '.' or '!' or '?' or ',' or ';' or '。' or '!' or '?' or ')';

    private int Opener(string text) => _openers.Where(opener => text.StartsWith(opener, StringComparison.Ordinal)).Select(opener => opener.Length)
        .DefaultIfEmpty(0).Max();

    private string WithoutBos(string text)
    {
        foreach (string bos in _bos)
        {
            // where the token goes on with a role it begins a turn, not the text
            if (text.StartsWith(bos, StringComparison.Ordinal) && !(text.Length > bos.Length && char.IsLetter(text[bos.Length])))
                return text[bos.Length..].TrimStart();
        }
        return text;
    }

    private bool HasToken(string text) => FirstToken(text, 0).Start >= 0;

    private (int Start, int End) FirstToken(string text, int from)
    {
        (int start, int end) = (-1, -1);
        foreach (string turn in _turns)
        {
            int at = text.IndexOf(turn, from, StringComparison.Ordinal);
            if (at >= 0 && (start < 0 || at < start || at == start && at + turn.Length > end))
                (start, end) = (at, at + turn.Length);
        }
        return (start, end);
    }

    private string UpToFirstToken(string text) => FirstToken(text, 0) is { Start: >= 0 } first ? text[..first.End] : "";

    private string FromSecondToken(string text)
    {
        (int start, int end) = FirstToken(text, 0);
        if (start < 0)
            return text;
        return FirstToken(text, end) is { Start: >= 0 } second ? text[second.Start..] : text;
    }
}
