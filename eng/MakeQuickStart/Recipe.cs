using MakeQuickStart.Bakery;
using MakeQuickStart.Bpe;

namespace MakeQuickStart;

/// <summary>What examples/QuickStart ships, from one seed: the same bytes every time.</summary>
internal static class Recipe
{
    private const ulong Seed = 20260214;
    private const int VocabularySize = 1024;

    /// <summary>Preferences and, for making the model, conversations; see <see cref="Conversations"/>.</summary>
    public static BakeryData WriteData(string folder)
    {
        BakeryData data = BakeryData.Create(Seed);
        JsonLines.WriteConversations(Conversations(folder), data.Conversations);
        JsonLines.WritePreferences(Path.Combine(folder, "data", "train.jsonl"), data.Train);
        JsonLines.WritePreferences(HeldOut(folder), data.HeldOut);
        return data;
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

    /// <summary>Where the conversations go; they are not shipped, only needed to make the model.</summary>
    public static string Conversations(string folder) => Path.Combine(folder, "runs", "sft.jsonl");

    /// <summary>Where the held-out preferences go.</summary>
    public static string HeldOut(string folder) => Path.Combine(folder, "data", "heldout.jsonl");
}
