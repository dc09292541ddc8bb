using System.IO.Compression;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Tests.Persistence;

/// <summary>A model's name and end tokens in files of before, and a damaged <c>generation_config.json</c> in one of today.</summary>
public sealed class ModelOriginTests
{
    private readonly MLContext _context = new(seed: 1);

    [Fact]
    public void Load_FileOfBeforeNamesAndLists_IsAModelWithoutThem()
    {
        using DpoTransformer scorer = TinyScorer.Create();
        byte[] file = Edit(TinyScorer.Save(_context, scorer), "settings.json", text =>
        {
            JsonObject settings = JsonNode.Parse(text)!.AsObject();
            settings.Remove("ModelName").Should().BeTrue();
            settings["Config"]!.AsObject().Remove("EosTokenIds").Should().BeTrue();
            return settings.ToJsonString();
        });

        using DpoTransformer loaded = (DpoTransformer)_context.Model.Load(new MemoryStream(file), out _);

        using IChatClient chat = loaded.AsChatClient();
        chat.GetService<ChatClientMetadata>()!.DefaultModelId.Should().Be("minimind");
        using PretrainedModel model = loaded.AsModel();
        (model.Config.EosTokenIds, model.GenerationDefaults).Should().Be((null, new GenerationOptions()));
    }

    [Theory]
    [InlineData("{\"eos_token_id\": 99999}", "*generation_config.json*'eos_token_id' is 99999*")]
    [InlineData("{", "*generation_config.json*not valid JSON*")]
    public void Load_DamagedGenerationConfig_IsNamed(string text, string message)
    {
        using DpoTransformer scorer = TinyScorer.Create();
        byte[] file = Edit(TinyScorer.Save(_context, scorer), "generation_config.json", _ => text);

        Exception failure = FluentActions.Invoking(() => _context.Model.Load(new MemoryStream(file), out _)).Should().Throw<Exception>().Which;

        failure.GetBaseException().Message.Should().Match(message);
    }

    /// <summary>The file with another text in an entry, which is added if it is not there.</summary>
    private static byte[] Edit(byte[] file, string name, Func<string, string> change)
    {
        using MemoryStream edited = new();
        edited.Write(file);
        using (ZipArchive archive = new(edited, ZipArchiveMode.Update, leaveOpen: true))
        {
            ZipArchiveEntry settings = archive.Entries.Single(entry => entry.Name == "settings.json");
            string path = settings.FullName.Replace("settings.json", name, StringComparison.Ordinal);
            string text = "";
            if (archive.GetEntry(path) is { } old)
            {
                using (StreamReader reader = new(old.Open()))
                    text = reader.ReadToEnd();
                old.Delete();
            }
            using StreamWriter writer = new(archive.CreateEntry(path).Open());
            writer.Write(change(text));
        }
        return edited.ToArray();
    }
}
