using MakeQuickStart.Bakery;
using MakeQuickStart.Bpe;

namespace MakeQuickStart;

/// <summary>What examples/QuickStart ships, from one seed: the same bytes every time.</summary>
internal static class Recipe
{
    private const ulong Seed = 20260214;
    private const int VocabularySize = 1024;

    /// <summary>Everything that is drawn.</summary>
    public static BakeryData CreateData() => BakeryData.Create(Seed);

    /// <summary>The preferences.</summary>
    public static void WritePreferences(string folder, BakeryData data)
    {
        JsonLines.WritePreferences(Path.Combine(folder, "data", "train.jsonl"), data.Train);
        JsonLines.WritePreferences(Path.Combine(folder, "data", "heldout.jsonl"), data.HeldOut);
    }

    /// <summary>The tokenizer that such conversations need.</summary>
    public static Vocabulary WriteTokenizer(string folder, BakeryData data)
    {
        // Roles and line breaks are part of what the chat template renders, so they get tokens too.
        IEnumerable<string> texts = data.Conversations.SelectMany(turns => turns)
            .SelectMany(turn => (string[])["user", "\n", turn.Question, "assistant", "\n", turn.Answer]);
        Vocabulary vocabulary = BytePairTrainer.Train(texts, SpecialTokens.All, VocabularySize);
        TokenizerFiles.Write(Path.Combine(folder, "model"), vocabulary);
        return vocabulary;
    }
}
