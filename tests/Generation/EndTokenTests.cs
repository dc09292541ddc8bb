using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Tokenization;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>What a model's files and template say ends its answers, and what of it is kept when the model is saved.</summary>
public sealed class EndTokenTests : IDisposable
{
    /// <summary>A turn ends with a token that no file calls an end token.</summary>
    private const string OwnTurnEnd = "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}<|turn_end|>\n{% endfor %}" + Asking;

    private const string Asking = "{% if add_generation_prompt %}<|assistant|>\n{% endif %}";

    private const string ChatMl =
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        + "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    private readonly string _folder = Directory.CreateTempSubdirectory("ends-").FullName;
    private readonly MLContext _context = new(seed: 1);

    [Theory]
    [InlineData(OwnTurnEnd)]
    [InlineData("{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}<|turn_end|>{% if not loop.last %}\n{% endif %}{% endfor %}" + Asking)]
    [InlineData("{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}" + OwnTurnEnd)]
    [InlineData(
        "{% for m in messages %}{{ m.role }}: {{ m.content }} <|turn_end|>{{ eos_token }}\n{% endfor %}" +
        "{% if add_generation_prompt %}assistant: {% endif %}")]
    public async Task Chat_TurnEndThatIsNoEndToken_EndsTheAnswer(string template)
    {
        (string folder, int id) = Model(template, "<|turn_end|>");

        (await Answer(folder)).Should().Be(("abc", ChatFinishReason.Stop), $"the template closes a turn with {id}");
    }

    [Fact]
    public async Task Chat_TemplateThatEndsTurnsWithTheNextHeader_StopsThere()
    {
        (string folder, int _) = Model("{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}{% endfor %}" + Asking, "<|user|>");

        (await Answer(folder)).Should().Be(("abc", ChatFinishReason.Stop));
    }

    [Fact]
    public void Ends_TemplateWithoutAnyToken_AreItsText()
    {
        using PretrainedModel model = Plain("{% for m in messages %}{{ '### ' + m.role + ':\n' + m.content + '\n\n' }}{% endfor %}");

        model.AnswerEnds.Texts.Should().Equal("\n\n### user:");
    }

    [Theory]
    [InlineData("{% for m in messages %}{{ m.content + '\n' }}{% endfor %}")]
    [InlineData("{% for m in messages %}{{ m.content + ' | ' }}{% endfor %}")]
    public void Ends_TextThatAnAnswerCanHold_EndsNothing(string template)
    {
        using PretrainedModel model = Plain(template);

        model.AnswerEnds.Texts.Should().BeEmpty();
        model.AnswerEnds.Ids.Should().Equal(2);
    }

    public static TheoryData<string?, string?, string?> Lists => new()
    {
        { "[2, ID]", null, null },
        { "[ID, 2]", null, null },
        { "[2, 2, ID, ID]", null, null },
        { "ID", null, null },
        { "2", "[0, ID]", null },
        { "2", "ID", null },
        { "[0, 2]", "ID", null },
        { "ID", "2", null },
        { "[0, ID]", "2", null },
        { null, "[ID]", null },
        { null, "ID", null },
        { "[ID]", null, null },
        { null, null, "<|stop|>" },
        { "2", "2", "<|stop|>" },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task Chat_EveryEndTokenOfEveryFile_EndsTheAnswer(string? config, string? generation, string? tokenizerEos)
    {
        (string folder, int id) = Model(ChatMl, "<|stop|>", tokenizerEos);
        JsonNode? Ids(string? text) => text is null ? null : JsonNode.Parse(text.Replace("ID", $"{id}", StringComparison.Ordinal));
        Edit(folder, "config.json", json => json["eos_token_id"] = Ids(config));
        Edit(folder, "generation_config.json", json => json["eos_token_id"] = Ids(generation));

        (await Answer(folder)).Should().Be(("abc", ChatFinishReason.Stop));
    }

    [Fact]
    public async Task Chat_NoFileSaysSo_GoesOn()
    {
        (string folder, int _) = Model(ChatMl, "<|stop|>");

        (await Answer(folder)).Should().Be(("abcdefg", ChatFinishReason.Length), "else the tests above show nothing");
    }

    [Fact]
    public async Task Chat_GenerationConfigWithoutConfig_EndsTheAnswer()
    {
        (string folder, int id) = Model(ChatMl, "<|stop|>");
        string checkpoint = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "out")).FullName, "sft_64.pth");
        using (PretrainedModel model = PretrainedModel.Load(folder))
        {
            model.SaveCheckpoint(checkpoint, WeightPrecision.Float32);
            Edit(folder, "generation_config.json", json => json["eos_token_id"] = new JsonArray(2, id));
            using PretrainedModel loaded = PretrainedModel.LoadCheckpoint(checkpoint, model.Config, folder);
            loaded.Name.Should().Be("sft_64");
            using IChatClient client = loaded.AsChatClient(GenerationOptions.Greedy with { MaxNewTokens = 8 });
            (await client.GetResponseAsync("Hello?")).Text.Should().Be("abc");
        }
    }

    [Fact]
    public async Task Chat_StopStringsOfTheModel_EndTheAnswer()
    {
        (string folder, int _) = Model(ChatMl, "<|stop|>");
        Edit(folder, "generation_config.json", json => json["stop_strings"] = new JsonArray("never", "c<|stop|>"));

        (await Answer(folder)).Should().Be(("ab", ChatFinishReason.Stop), "stop strings see special tokens");
    }

    [Theory]
    [InlineData("config.json", "[2, 1100]", "*'eos_token_id' is ?*2,*1100*?; it must be a token id from 0 to 1099, a list of them, or null*")]
    [InlineData("config.json", "[2, \"2\"]", "*'eos_token_id'*")]
    [InlineData("config.json", "[2, null]", "*'eos_token_id'*")]
    [InlineData("config.json", "[[2]]", "*'eos_token_id'*")]
    [InlineData("generation_config.json", "1100", "*generation_config.json*'eos_token_id' is 1100*")]
    [InlineData("generation_config.json", "[2, -1]", "*generation_config.json*'eos_token_id'*-1*")]
    [InlineData("generation_config.json", "[]", "*generation_config.json*'eos_token_id' is*")]
    [InlineData("generation_config.json", "2.5", "*generation_config.json*'eos_token_id' is 2.5*")]
    [InlineData("generation_config.json", "true", "*generation_config.json*'eos_token_id' is true*")]
    public void Load_EndTokensThatNoTokenIs_AreRefused(string file, string ids, string message)
    {
        (string folder, int _) = Model(ChatMl, "<|stop|>");
        Edit(folder, file, json => json["eos_token_id"] = JsonNode.Parse(ids));

        FluentActions.Invoking(() => PretrainedModel.Load(folder)).Should().Throw<ModelConfigException>().WithMessage(message);
    }

    [Theory]
    [InlineData("[1, 2", "*not valid JSON*")]
    [InlineData("[1]", "*JSON object*")]
    [InlineData("{\"eos_token_id\": 2, \"eos_token_id\": 1}", "*not valid JSON*eos_token_id*")]
    [InlineData("{\"temperature\": NaN}", "*not valid JSON*")]
    [InlineData("{\"stop_strings\": [1]}", "*'stop_strings'*list of texts*")]
    [InlineData("{\"stop_strings\": [\"\"]}", "*'stop_strings'*none is empty*")]
    public void Load_DamagedGenerationConfig_IsRefused(string text, string message)
    {
        (string folder, int _) = Model(ChatMl, "<|stop|>");
        File.WriteAllText(Path.Combine(folder, "generation_config.json"), text);

        FluentActions.Invoking(() => PretrainedModel.Load(folder)).Should().Throw<ModelConfigException>().WithMessage("*generation_config.json*" + message);
    }

    [Fact]
    public void Load_EndlessGenerationConfig_IsRefused()
    {
        (string folder, int _) = Model(ChatMl, "<|stop|>");
        using (FileStream file = File.Create(Path.Combine(folder, "generation_config.json")))
            file.SetLength(10L << 30);

        Exception? refusal = Weights.Refusal.Measured(() => PretrainedModel.Load(folder));

        refusal.Should().BeOfType<ModelConfigException>().Which.Message.Should()
            .Be($"{Path.Combine(folder, "generation_config.json")} has {10L << 30} bytes; at most 1048576 are read.");
    }

    [Theory]
    [InlineData(ModelLayout.MiniMind)]
    [InlineData(ModelLayout.HuggingFace)]
    public void Save_ModelWithListAndGenerationConfig_KeepsBoth(ModelLayout layout)
    {
        (string folder, byte[] generation) = Listed();
        using PretrainedModel model = PretrainedModel.Load(folder);

        string saved = Path.Combine(_folder, "saved");
        model.SaveModel(saved, layout: layout);

        ShouldBeKept(saved, generation);
        using PretrainedModel again = PretrainedModel.Load(saved);
        again.Config.EosTokenIds.Should().Equal(0, 1, 2, 2);
        again.Config.Should().Be(model.Config with { EosTokenIds = [0, 1, 2, 2] }, "configurations are compared by what they say");
    }

    [Fact]
    public void Save_TrainedModel_KeepsListAndGenerationConfig()
    {
        (string folder, byte[] generation) = Listed();
        using PretrainedModel model = PretrainedModel.Load(folder);
        using DpoTransformer trained = new DpoTrainer(_context, new DpoTrainer.Options { Model = model, BatchSize = 2 }).Fit(SmallModel.Pairs(_context, 4));

        trained.SaveModel(Path.Combine(_folder, "saved"));
        using DpoTransformer loaded = (DpoTransformer)_context.Model.Load(new MemoryStream(Persistence.TinyScorer.Save(_context, trained)), out _);
        loaded.SaveModel(Path.Combine(_folder, "loaded"));
        using IDisposable rewards = (IDisposable)_context.Model.Load(new MemoryStream(Persistence.TinyScorer.Save(_context, loaded.AsRewardModel())), out _);
        using PretrainedModel policy = loaded.AsModel();
        policy.SaveModel(Path.Combine(_folder, "policy"));

        foreach (string saved in (string[])["saved", "loaded", "policy"])
            ShouldBeKept(Path.Combine(_folder, saved), generation);
        (policy.Name, policy.GenerationDefaults.Temperature).Should().Be(("listed", 0.6));
        using IChatClient chat = loaded.AsChatClient();
        chat.GetService<ChatClientMetadata>()!.DefaultModelId.Should().Be("listed");
    }

    [Fact]
    public void Save_FineTunedModel_KeepsListAndGenerationConfig()
    {
        (string folder, byte[] generation) = Listed();
        using PretrainedModel model = PretrainedModel.Load(folder);
        IDataView rows = _context.Data.LoadFromEnumerable(
            Enumerable.Range(0, 4).Select(i => new Row { Conversation = Transforms.Combinations.SmallChat.Conversation($"Number {i}?", $"It is {i}.") }));
        using TransformerChain<SftTransformer> trained = _context.Transforms.ApplyChatTemplate(model.ChatTemplate, [new("Text", "Conversation")])
            .Append(_context.Transforms.TokenizeConversations(model.Tokenizer, [new("ConversationTokens", "Text")]))
            .Append(_context.Transforms.MaskResponses(model, [new("ConversationMask", "ConversationTokens")]))
            .Append(_context.Transforms.ShiftForNextToken("Conversation"))
            .Append(_context.Preferences.Trainers.Sft(new SftTrainer.Options { Model = model }))
            .Fit(rows);

        MemoryStream file = new(Persistence.TinyScorer.Save(_context, trained));
        using TransformerChain<ITransformer> loaded = (Microsoft.ML.Data.TransformerChain<ITransformer>)_context.Model.Load(file, out _);
        PretrainedModel again = ((SftTransformer)loaded.LastTransformer).Model;
        again.SaveModel(Path.Combine(_folder, "saved"));

        ShouldBeKept(Path.Combine(_folder, "saved"), generation);
        again.Name.Should().Be("listed");
    }

    [Fact]
    public void Save_ModelWithoutGenerationConfig_WritesItsIds()
    {
        (string folder, int _) = Model(ChatMl, "<|stop|>");
        File.Delete(Path.Combine(folder, "generation_config.json"));
        Edit(folder, "config.json", json => json["eos_token_id"] = new JsonArray(2, 0));
        using PretrainedModel model = PretrainedModel.Load(folder);

        model.SaveModel(Path.Combine(_folder, "saved"));

        Json("saved", "generation_config.json")["eos_token_id"]!.ToJsonString().Should().Be("[2,0]");
    }

    [Theory]
    [InlineData("[2]", "[2]")]
    [InlineData("2", "2")]
    [InlineData("null", "null")]
    public void Save_EndTokens_AreWrittenAsTheyWere(string ids, string expected)
    {
        (string folder, int _) = Model(ChatMl, "<|stop|>");
        Edit(folder, "config.json", json => json["eos_token_id"] = JsonNode.Parse(ids));
        using PretrainedModel model = PretrainedModel.Load(folder);

        model.SaveModel(Path.Combine(_folder, "saved"));

        (Json("saved", "config.json")["eos_token_id"]?.ToJsonString() ?? "null").Should().Be(expected);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A model that answers "abc", a token, and "defg" in a circle, where nothing ends it; the token is an added one.</summary>
    private (string Folder, int Id) Model(string template, string after, string? eosToken = null)
    {
        string tokenizer = Directory.CreateDirectory(Path.Combine(_folder, "tokenizer")).FullName;
        string[] added = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|turn_end|>", "<|user|>", "<|assistant|>", "<|system|>", "<|stop|>"];
        JsonObject json = JsonNode.Parse(File.ReadAllText(Path.Combine(SmallModel.TokenizerFolder, "tokenizer.json")))!.AsObject();
        for (int i = 3; i < added.Length; i++)
            json["added_tokens"]!.AsArray().Add(SmallTokenizer.AddedToken(1024 + i - 3, added[i]));
        File.WriteAllText(Path.Combine(tokenizer, "tokenizer.json"), json.ToJsonString());
        JsonObject config = new() { ["bos_token"] = "<|im_start|>", ["eos_token"] = eosToken ?? "<|im_end|>", ["pad_token"] = "<|endoftext|>" };
        File.WriteAllText(Path.Combine(tokenizer, "tokenizer_config.json"), config.ToJsonString());
        File.WriteAllText(Path.Combine(tokenizer, "chat_template.jinja"), template);
        MiniMind.MLNet.Dpo.Tokenization.HuggingFaceTokenizer read = MiniMind.MLNet.Dpo.Tokenization.HuggingFaceTokenizer.Load(tokenizer);
        int Id(string text) => read.Encode(text, addSpecialTokens: false)[^1];
        string header = template.EndsWith("assistant: {% endif %}", StringComparison.Ordinal) ? "assistant: " : "assistant\n";
        int[] chain = [.. ((string[])[header, "a", "b", "c", after, "d", "e", "f", "g"]).Select(Id)];
        string folder = Path.Combine(_folder, "model");
        using PretrainedModel model = MarkovModel.Create(tokenizer, chain);
        model.SaveModel(folder);
        return (folder, Id(after));
    }

    private PretrainedModel Plain(string template)
    {
        (string folder, int _) = Model(template, "<|stop|>");
        return PretrainedModel.Load(folder);
    }

    private (string Folder, byte[] Generation) Listed()
    {
        (string folder, int _) = Model(ChatMl, "<|stop|>");
        string listed = Path.Combine(_folder, "listed");
        Directory.Move(folder, listed);
        Edit(listed, "config.json", json => json["eos_token_id"] = new JsonArray(0, 1, 2, 2));
        File.WriteAllText(
            Path.Combine(listed, "generation_config.json"),
            """
            { "eos_token_id": [2, 0], "pad_token_id": 0, "do_sample": true, "temperature": 0.6, "top_k": 20, "transformers_version": "4.51.0",
              "an_own_key": {"kept": [1, 2.50]} }
            """);
        return (listed, File.ReadAllBytes(Path.Combine(listed, "generation_config.json")));
    }

    private static void ShouldBeKept(string folder, byte[] generation)
    {
        File.ReadAllBytes(Path.Combine(folder, "generation_config.json")).Should().Equal(generation);
        JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!["eos_token_id"]!.ToJsonString().Should().Be("[0,1,2,2]");
    }

    private static async Task<(string Text, ChatFinishReason? Finish)> Answer(string folder)
    {
        using PretrainedModel model = PretrainedModel.Load(folder);
        using IChatClient client = model.AsChatClient(GenerationOptions.Greedy with { MaxNewTokens = 8 });
        ChatResponse answer = await client.GetResponseAsync("Hello?");
        return (answer.Text, answer.FinishReason);
    }

    private JsonObject Json(string folder, string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, folder, file)))!.AsObject();

    private static void Edit(string folder, string file, Action<JsonObject> edit)
    {
        string path = Path.Combine(folder, file);
        JsonObject json = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        edit(json);
        File.WriteAllText(path, json.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
    }

    private sealed class Row
    {
        public string Conversation { get; set; } = "";
    }
}
