namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>The tags around a model's reasoning.</summary>
internal static class ThinkTags
{
    public const string Open = "<think>", Close = "</think>";

    /// <summary>Whether a text ends within a block of reasoning.</summary>
    public static bool IsOpen(ReadOnlySpan<char> text) =>
        text.LastIndexOf(Open, StringComparison.Ordinal) > text.LastIndexOf(Close, StringComparison.Ordinal);

    /// <summary>A content with its reasoning before it, as models write both.</summary>
    public static string Around(string reasoning, string content) => $"{Open}\n{reasoning}\n{Close}\n\n{content}";
}
