using System.Text.Json;
using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Judging;

/// <summary>Reads the letter in a judge's reply. What says more than a letter, or both, says none.</summary>
internal static partial class ReplyReader
{
    /// <summary>The field of a reply that is a JSON object.</summary>
    public const string Field = "better";

    private const string ThinkStart = "<think>", ThinkEnd = "</think>";
    private const int MostExcerpt = 60;
    private const int MostCharacters = 200; // of a letter and what announces it

    /// <summary>The preference that a reply says.</summary>
    public static ShownAnswer Read(string reply)
    {
        string text = WithoutThought(reply).Trim();
        if (text.Length > MostCharacters)
            return ShownAnswer.None;
        text = Fence().Replace(text, "$1");
        string? letter = text.StartsWith('{') ? OfJson(text) : Letter().Match(text) is { Success: true } match ? match.Groups[1].Value : null;
        return letter switch
        {
            "A" or "a" => ShownAnswer.First,
            "B" or "b" => ShownAnswer.Second,
            _ => ShownAnswer.None,
        };
    }

    /// <summary>Why a reply says no letter.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="isCut">Whether it ended at its most tokens.</param>
    public static string Fault(string reply, bool isCut)
    {
        string shown = reply.Length <= MostExcerpt ? reply : reply[..MostExcerpt] + "...";
        return reply.Length == 0 ? $"the reply is empty{(isCut ? ", and cut off at its most tokens" : "")}"
            : $"the reply is no letter A or B{(isCut ? ", and cut off at its most tokens" : "")}: '{shown}'";
    }

    // what a model thinks before it replies; a template may have opened the block already
    private static string WithoutThought(string reply)
    {
        int end = reply.IndexOf(ThinkEnd, StringComparison.Ordinal);
        if (end < 0)
            return reply;
        string before = reply[..end].TrimStart();
        if (before.StartsWith(ThinkStart, StringComparison.Ordinal))
            before = before[ThinkStart.Length..];
        return before.Contains(ThinkStart, StringComparison.Ordinal) ? reply : reply[(end + ThinkEnd.Length)..];
    }

    private static string? OfJson(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonProperty[] properties = [.. document.RootElement.EnumerateObject()];
            return properties is [{ Name: Field, Value.ValueKind: JsonValueKind.String }] ? properties[0].Value.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\A\s*```(?:json)?\s*(.*?)\s*```\s*\z", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Fence();

    // the letter alone, within marks, or behind words that only announce it
    [GeneratedRegex(
        @"\A[^\p{L}\p{N}]*(?:(?:the\s+)?(?:better|best)?\s*(?:one|answer|response|choice|verdict|winner)?\s*(?:is)?\s*:?[^\p{L}\p{N}]*(?:answer|response)?)?" +
        @"[^\p{L}\p{N}]*\b([ABab])\b(?:\s+is\s+(?:the\s+)?better(?:\s+(?:one|answer|response))?)?[^\p{L}\p{N}]*\z",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Letter();
}
