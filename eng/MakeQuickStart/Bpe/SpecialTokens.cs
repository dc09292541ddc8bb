namespace MakeQuickStart.Bpe;

/// <summary>MiniMind's special tokens, at MiniMind's ids.</summary>
internal static class SpecialTokens
{
    /// <summary>Padding, id 0.</summary>
    public const string Padding = "<|endoftext|>";

    /// <summary>Begins a message, id 1.</summary>
    public const string Begin = "<|im_start|>";

    /// <summary>Ends a message, id 2.</summary>
    public const string End = "<|im_end|>";

    /// <summary>All, by id.</summary>
    public static IReadOnlyList<string> All { get; } = [Padding, Begin, End];
}
