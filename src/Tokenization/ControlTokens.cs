using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Which added tokens steer a model, so that a content that spells one must not become it.</summary>
/// <remarks>
/// <para>Control tokens are those that the tokenizer calls special, those that its configuration names (bos, eos, ...), and those that the template writes
/// around contents. Other added tokens, such as <c>&lt;think&gt;</c>, are words of the model's language wherever they stand.</para>
/// <para>An answer may spell the special tokens that belong inside answers: those that the template mentions and never writes between messages, such as a
/// marker of tool calls. A token that is not special and that the template looks for in contents is a word too: the template acts on it.</para>
/// </remarks>
internal sealed partial class ControlTokens
{
    private static readonly string[] s_words = ["<think>", "</think>", "<tool_call>", "</tool_call>"];

    /// <summary>Finds the control tokens of a template and its tokenizer.</summary>
    public ControlTokens(ChatTemplate template)
    {
        Frames = new TemplateFrames(template);
        HashSet<string> named = [.. template.SpecialTokens.Values.Where(token => token.Length > 0)];
        string[] frames = [.. Frames.All];
        HashSet<string> contents = new(StringComparer.Ordinal);
        HashSet<string> answers = new(StringComparer.Ordinal);
        List<string> turns = new();
        foreach (TemplateToken token in template.Tokens)
        {
            string text = token.Content;
            bool isWord = s_words.Contains(text);
            // where no probe could be rendered, the special tokens that the template mentions are taken for marks of turns
            bool isWritten = !isWord && (frames.Length > 0
                ? IsMarkup(text) && frames.Any(frame => frame.Contains(text, StringComparison.Ordinal))
                : token.IsSpecial && template.Source.Contains(text, StringComparison.Ordinal));
            bool isTurn = isWritten || named.Contains(text) && !isWord;
            if (isTurn)
                turns.Add(text);
            if (!token.IsSpecial && (!isTurn || IsLookedFor(text, template.Source)))
                continue;
            contents.Add(text);
            if (isTurn || !isWord && !template.Source.Contains(text, StringComparison.Ordinal))
                answers.Add(text);
        }
        (Turns, InContents, InAnswers) = (turns, [.. contents], [.. answers]);
    }

    /// <summary>What the template writes around contents.</summary>
    public TemplateFrames Frames { get; }

    /// <summary>The tokens that begin and end turns and texts.</summary>
    public IReadOnlyList<string> Turns { get; }

    /// <summary>The control tokens for messages that are no answers, and for tools.</summary>
    public IReadOnlyList<string> InContents { get; }

    /// <summary>The control tokens for answers.</summary>
    public IReadOnlyList<string> InAnswers { get; }

    // white space and plain words can be added tokens too, but steer nothing
    private static bool IsMarkup(string text) => text.Any(character => !char.IsLetterOrDigit(character) && !char.IsWhiteSpace(character));

    private static bool IsLookedFor(string token, string source)
    {
        foreach (Match match in Regex.Matches(source, $"""(['"]){Regex.Escape(token)}\1""", RegexOptions.CultureInvariant))
        {
            if (Operand().IsMatch(source[..match.Index]) || Test().IsMatch(source[(match.Index + match.Length)..]))
                return true;
        }

        return false;
    }

    [GeneratedRegex(@"\.\s*(startswith|endswith|split|rsplit|partition|rpartition|find|rfind|index|count|replace|removeprefix|removesuffix)\s*\(\s*\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Operand();

    [GeneratedRegex(@"\A\s+(not\s+)?in\s", RegexOptions.CultureInvariant)]
    private static partial Regex Test();
}
