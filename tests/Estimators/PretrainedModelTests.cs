using System.Text.Json;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>Models to and from folders and checkpoints, with what belongs to their weights.</summary>
public sealed class PretrainedModelTests : IDisposable
{
    private const string Template =
        "{% for message in messages %}<{{ message.role }}>{{ message.content }}{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";

    private readonly string _folder = Directory.CreateTempSubdirectory("pretrained-").FullName;

    [Theory]
    [InlineData(ModelLayout.MiniMind)]
    [InlineData(ModelLayout.HuggingFace)]
    public void SaveModel_TemplateOfAFileOfItsOwn_GoesWithTheModel(ModelLayout layout)
    {
        string tokenizer = Copy("tokenizer.json", "tokenizer_config.json");
        File.WriteAllText(Path.Combine(tokenizer, "chat_template.jinja"), Template);
        using PretrainedModel small = SmallModel.Create();
        using PretrainedModel model = PretrainedModel.CreateRandom(small.Config, tokenizer, seed: 1);
        string saved = Path.Combine(_folder, "saved");

        model.SaveModel(saved, layout: layout);

        using PretrainedModel loaded = PretrainedModel.Load(saved);
        loaded.ChatTemplate.Source.Should().Be(Template);
        Fingerprint.Named(loaded.Network.Network).Should().Be(Fingerprint.Named(model.Network.Network));
        Directory.GetFiles(saved).Select(Path.GetFileName).Should().BeEquivalentTo(
            "config.json", "generation_config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja");
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("{\"eos_token\":\"<|im_end|>\",\"model_max_length\":77}", "<|im_end|>")]
    [InlineData("{\"tokenizer_class\":null,\"eos_token\":\"<|im_end|>\"}", "<|im_end|>")]
    public void SaveModel_TokenizerWithoutClass_GetsOneThatKeepsOthersFromGuessing(string? config, string? end)
    {
        string tokenizer = Copy("tokenizer.json");
        if (config is not null)
            File.WriteAllText(Path.Combine(tokenizer, "tokenizer_config.json"), config);
        File.WriteAllText(Path.Combine(tokenizer, "chat_template.jinja"), Template);
        using PretrainedModel small = SmallModel.Create();
        using PretrainedModel model = PretrainedModel.CreateRandom(small.Config, tokenizer, seed: 1);
        string saved = Path.Combine(_folder, "saved");

        model.SaveModel(saved);

        JsonElement json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(saved, "tokenizer_config.json"))).RootElement;
        json.GetProperty("tokenizer_class").GetString().Should()
            .Be("PreTrainedTokenizerFast", "transformers takes the class of the model's type otherwise, which may cut text in its own way");
        json.TryGetProperty("model_max_length", out _).Should().Be(config?.Contains("77") is true, "what else it says stays");
        using PretrainedModel loaded = PretrainedModel.Load(saved);
        loaded.Tokenizer.Encode("a cake, 2026 <|im_end|>").Should().Equal(model.Tokenizer.Encode("a cake, 2026 <|im_end|>"));
        (loaded.ChatTemplate.Source, loaded.Tokenizer.EosToken).Should().Be((Template, end));
    }

    [Fact]
    public void LoadCheckpoint_MiniMindsOwnLayout_IsTheSameModel()
    {
        using PretrainedModel model = SmallModel.Create();
        string checkpoint = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "out")).FullName, "full_sft_32.pth");
        model.SaveCheckpoint(checkpoint, WeightPrecision.Float32);

        using PretrainedModel loaded = PretrainedModel.LoadCheckpoint(checkpoint, model.Config, Copy("tokenizer.json", "tokenizer_config.json"));

        Fingerprint.Named(loaded.Network.Network).Should().Be(Fingerprint.Named(model.Network.Network));
        loaded.ChatTemplate.Source.Should().Be(model.ChatTemplate.Source);
    }

    [Fact]
    public void Load_TemplateOfTenGigabytes_IsRefused()
    {
        string folder = Copy(".");
        using (FileStream file = File.Create(Path.Combine(folder, "chat_template.jinja")))
            file.SetLength(10L << 30);

        Weights.Refusal.Measured(() => PretrainedModel.Load(folder)).Should().BeOfType<InvalidDataException>().Which.Message.Should()
            .Contain("chat_template.jinja has 10737418240 bytes");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Copy(params string[] names)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, "model")).FullName;
        foreach (string path in Directory.GetFiles(SmallModel.TokenizerFolder).Where(path => names is ["."] || names.Contains(Path.GetFileName(path))))
            File.Copy(path, Path.Combine(folder, Path.GetFileName(path)));
        return folder;
    }
}
