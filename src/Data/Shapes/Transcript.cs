using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>Dialogues in one string, as HH-RLHF writes them: turns behind <c>\n\nHuman:</c> and <c>\n\nAssistant:</c>.</summary>
internal static partial class Transcript
{
    /// <summary>The messages of a transcript, blanks around each turn left out; null where the text is none.</summary>
    /// <remarks>An empty turn of the assistant at the end, where the answer is to be written, is left out too.</remarks>
    public static List<SourceMessage>? Read(string text)
    {
        MatchCollection marks = Marks().Matches(text);
        if (marks.Count < 2 || marks[0].Index != 0 || marks[0].Groups[1].ValueSpan is not "Human"
            || !marks.Any(mark => mark.Groups[1].ValueSpan is "Assistant"))
        {
            return null;
        }

        List<SourceMessage> messages = new();
        for (int i = 0; i < marks.Count; i++)
        {
            int start = marks[i].Index + marks[i].Length, end = i + 1 < marks.Count ? marks[i + 1].Index : text.Length;
            MessageRole role = marks[i].Groups[1].ValueSpan is "Human" ? MessageRole.User : MessageRole.Assistant;
            messages.Add(SourceMessage.Of(role, text[start..end].Trim()));
        }
        if (messages[^1] is { Role: MessageRole.Assistant, Text: "" })
            messages.RemoveAt(messages.Count - 1);
        return messages;
    }

    /// <summary>The messages of a prompt that is a transcript, also one of the user's first turn alone.</summary>
    public static List<SourceMessage>? ReadPrompt(string text) => Read(text)
        ?? (FirstTurn().Match(text) is { Success: true } mark && !AssistantMark().IsMatch(text)
        ? [SourceMessage.Of(MessageRole.User, text[mark.Length..].Trim())]
        : null);

    /// <summary>
    /// Whether a transcript beside a prompt is the whole conversation: it begins as HH-RLHF's do, with blank lines, or with what the prompt says.
    /// </summary>
    public static bool IsWhole(string text, IReadOnlyList<SourceMessage> turns, string prompt) =>
        FirstTurn().IsMatch(text) || turns[0].Text == prompt.Trim() || (Read(prompt) is [{ } first, ..] && first.Text == turns[0].Text);

    /// <summary>Whether a text looks like a dialogue in some other form, such as <c>### Human:</c> or <c>USER: ... ASSISTANT:</c>.</summary>
    public static bool LooksLikeOne(string text) =>
        (UserMark().IsMatch(text) && AssistantMark().IsMatch(text)) || FirstSpeaker().IsMatch(text);

    /// <summary>
    /// Whether a text ends with the mark behind which an answer stands, and names no speakers: then it is one prompt with its form, and no dialogue.
    /// </summary>
    public static bool EndsAsOnePrompt(string text) => EndMark().IsMatch(text) && !Speaker().IsMatch(text);

    [GeneratedRegex(@"(?:\A\s*|\r?\n\r?\n)(Human|Assistant):", RegexOptions.CultureInvariant)]
    private static partial Regex Marks();

    [GeneratedRegex(@"\A\s*(?:###\s*)?(?i:human|user|assistant)[ \t]*:", RegexOptions.CultureInvariant)]
    private static partial Regex FirstSpeaker();

    [GeneratedRegex(@"\A(?:\r?\n){2}Human:(?=[\s\S]*\S)", RegexOptions.CultureInvariant)]
    private static partial Regex FirstTurn();

    [GeneratedRegex(@"(?:\A\s*|[\r\n][ \t]*|###[ \t]*)(?i:human|user|instruction|question|prompt|q)[ \t]*:|\bUSER:", RegexOptions.CultureInvariant)]
    private static partial Regex UserMark();

    [GeneratedRegex(@"(?:[\r\n]|###)[ \t]*(?i:assistant|ai|bot|gpt|chatgpt|model|response|answer|output|a)[ \t]*:|\bASSISTANT:", RegexOptions.CultureInvariant)]
    private static partial Regex AssistantMark();

    [GeneratedRegex(
        @"(?:(?:[\r\n]|###)[ \t]*(?i:assistant|ai|bot|gpt|chatgpt|model|response|answer|output|a)|\bASSISTANT)[ \t]*:\s*\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex EndMark();

    [GeneratedRegex(
        @"(?:\A\s*|[\r\n][ \t]*|###[ \t]*)(?i:human|user|assistant|ai|bot|gpt|chatgpt|model)[ \t]*:|\bUSER:|\bASSISTANT:",
        RegexOptions.CultureInvariant)]
    private static partial Regex Speaker();
}
