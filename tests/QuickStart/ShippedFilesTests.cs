using MakeQuickStart;
using MakeQuickStart.Bakery;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.QuickStart;

public sealed class ShippedFilesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("quickstart");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Write_Again_GivesTheShippedFiles()
    {
        BakeryData data = Recipe.CreateData();
        Recipe.WritePreferences(_folder.FullName, data);
        Recipe.WriteTokenizer(_folder.FullName, data);

        foreach (string file in (string[])["data/train.jsonl", "data/heldout.jsonl", "model/tokenizer.json", "model/tokenizer_config.json"])
        {
            byte[] made = File.ReadAllBytes(Path.Combine(_folder.FullName, file));
            byte[] shipped = File.ReadAllBytes(Path.Combine(TestFiles.RepositoryRoot, "examples", "QuickStart", file));
            made.AsSpan().SequenceEqual(shipped).Should().BeTrue("eng/MakeQuickStart makes {0}; run it after changing either", file);
        }
    }

    [Theory]
    [InlineData("train.jsonl", 420)]
    [InlineData("heldout.jsonl", 105)]
    public void LoadFromJsonl_ShippedPreferences_AreReadWhole(string file, int count)
    {
        MLContext mlContext = new(seed: 1);

        IDataView pairs = mlContext.Preferences.LoadFromJsonl(Path.Combine(TestFiles.RepositoryRoot, "examples", "QuickStart", "data", file));

        mlContext.Data.CreateEnumerable<PreferencePair>(pairs, reuseRowObject: false)
            .Should().HaveCount(count).And.OnlyContain(pair => pair.Chosen != pair.Rejected);
    }

    [Fact]
    public void LoadConversationsFromJsonl_Conversations_AreReadWhole()
    {
        BakeryData data = Recipe.CreateData();
        string file = Path.Combine(_folder.FullName, "sft.jsonl");
        JsonLines.WriteConversations(file, data.Conversations);
        MLContext mlContext = new(seed: 1);

        IDataView conversations = mlContext.Preferences.LoadConversationsFromJsonl(file);

        mlContext.Data.CreateEnumerable<ConversationText>(conversations, reuseRowObject: false).Should().HaveCount(data.Conversations.Count);
    }

    private sealed class ConversationText
    {
        public string Conversation { get; set; } = "";
    }
}
