using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>A person's verdict on one answer, as apps and data sets write it.</summary>
internal static class Thumb
{
    private static readonly HashSet<string> s_good = new(StringComparer.Ordinal)
    {
        "true", "up", "thumbsup", "thumbup", "upvote", "upvoted", "like", "liked", "good", "positive", "desirable", "chosen", "👍",
    };

    private static readonly HashSet<string> s_bad = new(StringComparer.Ordinal)
    {
        "false", "down", "thumbsdown", "thumbdown", "downvote", "downvoted", "dislike", "disliked", "bad", "negative", "undesirable", "rejected", "👎",
    };

    /// <summary>What is understood, for errors.</summary>
    public const string Right =
        "true or false, 1 or 0, 1 or -1, or a word such as 'up' or 'down', " +
        "'good' or 'bad', 'like' or 'dislike', 'desirable' or 'undesirable', '👍' or '👎'";

    /// <summary>What a value says: 1 for a good answer, 0 or -1 for a bad one, as it was written; null where it says nothing that is known.</summary>
    public static int? Read(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.True:
                return 1;
            case JsonValueKind.False:
                return 0;
            case JsonValueKind.Number or JsonValueKind.String when Numbers.Read(value) is { } number:
                return number is 1 or 0 or -1 ? (int)number : null;
            case JsonValueKind.String:
                string word = Plain(value.GetString()!);
                return s_good.Contains(word) ? 1 : s_bad.Contains(word) ? 0 : word is "+1" ? 1 : word is "-1" ? -1 : null;
            default:
                return null;
        }
    }

    /// <summary>Whether a value is the number 0, or -1, which files for opposite things: a bad answer, or no verdict.</summary>
    public static bool IsNumber(JsonElement value) => value.ValueKind is JsonValueKind.Number or JsonValueKind.String && Numbers.Read(value) is not null;

    // Without case, blanks, the marks between words, the colons of :thumbsup:, and what changes only an emoji's looks.
    private static string Plain(string text)
    {
        string lower = text.Trim().Trim(':').ToLowerInvariant();
        if (lower is "+1" or "-1")
            return lower;
        return string.Concat(lower.EnumerateRunes()
            .Where(rune => rune.Value is not ('_' or '-' or ' ' or 0xFE0F) && rune.Value is not (>= 0x1F3FB and <= 0x1F3FF)).Select(rune => rune.ToString()));
    }
}
