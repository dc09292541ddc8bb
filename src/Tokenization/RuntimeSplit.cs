using MiniMind.MLNet.Dpo.Tokenization.Splitting;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>What llama.cpp calls a way of cutting text into words (<c>tokenizer.ggml.pre</c>).</summary>
/// <remarks>A name stands for patterns that the runtime has built in, and for whether words that are tokens are taken whole. The name must be that of what the
/// tokenizer does, not of the model it resembles: under another one a runtime makes other ids of the same text, and says nothing.</remarks>
internal static class RuntimeSplit
{
    /// <summary>The names that are given here.</summary>
    public const string Known = "gpt-2, smollm, qwen2, llama-bpe and smaug-bpe";

    /// <summary>The name, or <see langword="null"/> where the runtime has nothing that does the same.</summary>
    /// <param name="words">The splits.</param>
    /// <param name="ignoresMerges">Whether a word that is a token is taken whole.</param>
    public static string? NameOf(WordSplitter words, bool ignoresMerges)
    {
        SplitStep[] steps = [.. words.Steps.OfType<SplitStep>(), .. words.Final is { } final ? [final] : Array.Empty<SplitStep>()];
        if (!words.IsByteLevel || words.Steps.Any(step => step is not SplitStep) || !Array.TrueForAll(steps, Isolates))
            return null;
        return (steps.Select(step => step.Pattern.Known).ToArray(), ignoresMerges) switch
        {
            ([KnownSplitPatterns.Gpt2], false) => "gpt-2",
            ([KnownSplitPatterns.Digit, KnownSplitPatterns.Gpt2], false) => "smollm",
            ([KnownSplitPatterns.Qwen2], false) => "qwen2",
            ([KnownSplitPatterns.Llama3], true) => "llama-bpe",
            ([KnownSplitPatterns.Llama3], false) => "smaug-bpe",
            _ => null,
        };
    }

    // these patterns leave nothing between their matches, so that to remove what they do not match is to isolate what they do
    private static bool Isolates(SplitStep step) => step.Behavior switch
    {
        SplitBehavior.Isolated => true,
        SplitBehavior.Removed => step.Invert && step.Pattern.Known is KnownSplitPatterns.Gpt2 or KnownSplitPatterns.Qwen2 or KnownSplitPatterns.Llama3,
        _ => false,
    };
}
