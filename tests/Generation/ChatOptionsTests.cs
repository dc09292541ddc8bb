using System.Reflection;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

#pragma warning disable MEAI001 // options that may still change

/// <summary>Every field of <see cref="ChatOptions"/> acts, or is refused by its name.</summary>
public class ChatOptionsTests
{
    private const string Thinking =
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        + "<|im_start|>assistant\n{% if enable_thinking is defined and enable_thinking %}<think>{% endif %}";

    /// <summary>Values that no client without these abilities can honour.</summary>
    private static readonly Dictionary<string, Action<ChatOptions>> s_refused = new()
    {
        ["ConversationId"] = o => o.ConversationId = "conversation-7",
        ["ModelId"] = o => o.ModelId = "another-model",
        ["Tools"] = o => o.Tools = [new HostedWebSearchTool()],
        ["ToolMode"] = o => o.ToolMode = ChatToolMode.RequireAny,
        ["AllowMultipleToolCalls"] = o => o.AllowMultipleToolCalls = false,
        ["ResponseFormat"] = o => o.ResponseFormat = ChatResponseFormat.Json,
        ["Reasoning"] = o => o.Reasoning = new ReasoningOptions { Effort = ReasoningEffort.High },
        ["AllowBackgroundResponses"] = o => o.AllowBackgroundResponses = true,
        ["ContinuationToken"] = o => o.ContinuationToken = ResponseContinuationToken.FromBytes(new byte[] { 1 }),
        ["AdditionalProperties"] = o => o.AdditionalProperties = new() { ["enable_thinking"] = true },
        ["RawRepresentationFactory"] = o => o.RawRepresentationFactory = _ => new object(),
    };

    /// <summary>Options that act, each shown by a test of this class.</summary>
    private static readonly Dictionary<string, string> s_acting = new()
    {
        ["Instructions"] = nameof(Instructions_AreASystemMessageBeforeTheOthers),
        ["Temperature"] = nameof(Sampling_Options_ChangeWhatIsDrawn),
        ["TopP"] = nameof(Sampling_Options_ChangeWhatIsDrawn),
        ["TopK"] = nameof(Sampling_Options_ChangeWhatIsDrawn),
        ["Seed"] = nameof(Seed_Same_GivesTheSameAnswer),
        ["MaxOutputTokens"] = nameof(ChatStreamTests.Stream_MostTokens_IsCutThere),
        ["StopSequences"] = nameof(ChatStreamTests.Stream_StopSequence_EndsWhereItBegins),
        ["FrequencyPenalty"] = nameof(Penalties_OfTheAnswersTokens_GrowAsOpenAiSays),
        ["PresencePenalty"] = nameof(Penalties_OfTheAnswersTokens_GrowAsOpenAiSays),
    };

    [Fact]
    public void Properties_All_ActOrAreRefused() =>
        typeof(ChatOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => property.Name)
            .Should().BeEquivalentTo([.. s_refused.Keys, .. s_acting.Keys], "an option that a new version adds must be given a meaning or refused");

    [Fact]
    public void PropertiesOfReasoning_All_ActOrAreRefused() => // by this class, and by ChatReasoningTests
        typeof(ReasoningOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => property.Name)
            .Should().BeEquivalentTo([nameof(ReasoningOptions.Effort), nameof(ReasoningOptions.Output)]);

    [Fact]
    public async Task Null_InPlaceOfAMessageOrTool_IsRefusedByItsPlace()
    {
        using IChatClient client = ScriptedChat.Client(new ScriptedModel([ScriptedChat.End]));

        await FluentActions.Awaiting(() => client.GetResponseAsync([new ChatMessage(ChatRole.User, "Hi"), null!])).Should().ThrowAsync<ArgumentException>()
            .WithMessage("Message 2 is null*");
        await FluentActions.Awaiting(() => client.GetResponseAsync("Hi", new ChatOptions { Tools = [null!] })).Should().ThrowAsync<NotSupportedException>()
            .WithMessage("*Tools (null)*");
    }

    public static TheoryData<string> RefusedNames => [.. s_refused.Keys];

    [Theory]
    [MemberData(nameof(RefusedNames))]
    public async Task Option_ThatCannotBeHonoured_IsRefusedByItsName(string name)
    {
        ScriptedModel model = new([ScriptedChat.End]);
        using IChatClient client = ScriptedChat.Client(model);
        ChatOptions options = new();
        s_refused[name](options);

        await FluentActions.Awaiting(() => client.GetResponseAsync("Hello?", options)).Should().ThrowAsync<NotSupportedException>().WithMessage($"*{name}*");

        model.Sequences.Should().BeEmpty();
    }

    [Fact]
    public async Task Options_RefusedTogether_AreAllNamed()
    {
        using IChatClient client = ScriptedChat.Client(new ScriptedModel([ScriptedChat.End]));
        ChatOptions options = new();
        foreach (Action<ChatOptions> set in s_refused.Where(pair => pair.Key != "RawRepresentationFactory").Select(pair => pair.Value))
            set(options);

        Func<Task> ask = () => client.GetResponseAsync("Hello?", options);
        string message = (await ask.Should().ThrowAsync<NotSupportedException>()).Which.Message;

        s_refused.Keys.Except(["RawRepresentationFactory"]).Should().OnlyContain(name => message.Contains(name));
    }

    public static TheoryData<string, ChatOptions> OutOfRange => new()
    {
        { "MaxOutputTokens is 0", new() { MaxOutputTokens = 0 } },
        { "MaxOutputTokens is -3", new() { MaxOutputTokens = -3 } },
        { "Temperature is -1", new() { Temperature = -1 } },
        { "Temperature is NaN", new() { Temperature = float.NaN } },
        { "TopP is 0", new() { TopP = 0 } },
        { "TopP is 1.5", new() { TopP = 1.5f } },
        { "TopK is -1", new() { TopK = -1 } },
        { "FrequencyPenalty is NaN", new() { FrequencyPenalty = float.NaN } },
        { "PresencePenalty is Infinity", new() { PresencePenalty = float.PositiveInfinity } },
        { "StopSequences[1] is empty, so that it would end every answer at once.*", new() { StopSequences = ["x", ""] } },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public async Task Option_OutOfItsRange_IsRefusedByItsName(string message, ChatOptions options)
    {
        using IChatClient client = ScriptedChat.Client(new ScriptedModel([ScriptedChat.End]));

        await FluentActions.Awaiting(() => client.GetResponseAsync("Hello?", options)).Should().ThrowAsync<ArgumentException>()
            .WithMessage($"The chat options are not valid: {message}*");
    }

    [Fact]
    public async Task Options_AtTheBordersOfTheirRanges_AreTaken()
    {
        using IChatClient client = ScriptedChat.Client(new ScriptedModel([.. ScriptedChat.Ids("Yes."), ScriptedChat.End]));

        foreach (ChatOptions options in (ChatOptions[])[new() { MaxOutputTokens = 1 }, new() { Temperature = 0 }, new() { TopP = 1 }, new() { TopK = 0 }])
            (await client.GetResponseAsync("Hello?", options)).Text.Should().NotBeEmpty();
    }

    [Fact]
    public async Task Options_ThatSayWhatHoldsAnyway_AreTaken()
    {
        using IChatClient client = ScriptedChat.Client(new ScriptedModel([.. ScriptedChat.Ids("Yes."), ScriptedChat.End]));
        ChatOptions options = new()
        {
            ModelId = "scripted", Tools = [], ToolMode = ChatToolMode.Auto, ResponseFormat = ChatResponseFormat.Text, Reasoning = new(),
            AllowBackgroundResponses = false, StopSequences = [], AdditionalProperties = [], RawRepresentationFactory = _ => null,
        };

        ChatResponse answer = await client.GetResponseAsync("Hello?", options);

        (answer.Text, answer.ModelId).Should().Be(("Yes.", "scripted"));
    }

    [Fact]
    public async Task Instructions_AreASystemMessageBeforeTheOthers()
    {
        ScriptedModel model = new([ScriptedChat.End]);
        using IChatClient client = ScriptedChat.Client(model);

        await client.GetResponseAsync("Hello?", new ChatOptions { Instructions = "Be brief." });

        ScriptedChat.Tokenizer.Decode(model.Sequences[0]).Should().StartWith("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHello?");
    }

    [Fact]
    public async Task AdditionalProperties_OfVariablesThatTheTemplateReads_ReachIt()
    {
        ScriptedModel model = new([ScriptedChat.End]);
        using IChatClient client = ScriptedChat.Client(model, template: ChatTemplate.Parse(Thinking));

        await client.GetResponseAsync("Hello?", new ChatOptions { AdditionalProperties = new() { ["enable_thinking"] = true } });
        await client.GetResponseAsync("Hello?", new ChatOptions { AdditionalProperties = new() { ["enable_thinking"] = false } });

        ScriptedChat.Tokenizer.Decode(model.Sequences[0]).Should().EndWith("<think>");
        ScriptedChat.Tokenizer.Decode(model.Sequences[1]).Should().EndWith("assistant\n");
    }

    [Theory]
    [InlineData("repetition_penalty")]
    [InlineData("m")] // the template's own loop variable
    [InlineData("messages")]
    [InlineData("tools")]
    public async Task AdditionalProperties_OfOtherNames_AreRefusedByThem(string name)
    {
        using IChatClient client = ScriptedChat.Client(new ScriptedModel([ScriptedChat.End]), template: ChatTemplate.Parse(Thinking));

        await FluentActions.Awaiting(() => client.GetResponseAsync("Hello?", new ChatOptions { AdditionalProperties = new() { [name] = 1 } }))
            .Should().ThrowAsync<NotSupportedException>().WithMessage($"*AdditionalProperties '{name}'*");
    }

    [Fact]
    public async Task RawRepresentation_GenerationOptions_TakeTheDefaultsPlace()
    {
        int[] script = ScriptedChat.Ids("One rye loaf is four euros.");
        using IChatClient client = ScriptedChat.Client(new ScriptedModel(script));

        static object Own(IChatClient client) => GenerationOptions.Greedy with { MaxNewTokens = 2 };

        ChatResponse raw = await client.GetResponseAsync("Hello?", new ChatOptions { RawRepresentationFactory = Own });
        ChatResponse both = await client.GetResponseAsync("Hello?", new ChatOptions { MaxOutputTokens = 3, RawRepresentationFactory = Own });

        (raw.Usage!.OutputTokenCount, both.Usage!.OutputTokenCount).Should().Be((2, 3), "what ChatOptions say themselves comes first");
    }

    [Fact]
    public async Task Seed_Same_GivesTheSameAnswer()
    {
        using PretrainedModel model = SmallModel.Create();
        using IChatClient client = model.AsChatClient(new GenerationOptions { MaxNewTokens = 24, Temperature = 1, TopP = 1, TopK = 0 });
        async Task<string> Answer(long seed) => (await client.GetResponseAsync("Hello?", new ChatOptions { Seed = seed })).Text;

        string first = await Answer(5);

        (await Answer(5)).Should().Be(first);
        (await Answer(6)).Should().NotBe(first);
    }

    [Fact]
    public async Task Sampling_Options_ChangeWhatIsDrawn()
    {
        using PretrainedModel model = SmallModel.Create();
        using IChatClient client = model.AsChatClient(new GenerationOptions { MaxNewTokens = 24, Temperature = 1, TopP = 1, TopK = 0, Seed = 1 });
        async Task<string> Answer(ChatOptions? options = null) => (await client.GetResponseAsync("Hello?", options)).Text;

        string greedy = await Answer(new ChatOptions { Temperature = 0 });

        (await Answer()).Should().NotBe(greedy);
        (await Answer(new ChatOptions { TopK = 1 })).Should().Be(greedy);
        (await Answer(new ChatOptions { TopP = 1e-6f })).Should().Be(greedy);
        (await Answer(new ChatOptions { Temperature = 1e-9f })).Should().Be(greedy);
    }

    [Theory]
    [InlineData(null, null, "aaaaaa")]
    [InlineData(0.5f, null, "abcabc")] // c(j) * alpha: a 10, b 9.7, c 9.4, with one occurrence 9.5, 9.2, 8.9 ...
    [InlineData(null, 0.5f, "abcaaa")] // once for all: afterwards a is the likeliest again
    [InlineData(-1f, null, "aaaaaa")]
    public async Task Penalties_OfTheAnswersTokens_GrowAsOpenAiSays(float? frequency, float? presence, string expected)
    {
        int a = ScriptedChat.Ids("a").Single(), b = ScriptedChat.Ids("b").Single(), c = ScriptedChat.Ids("c").Single();
        ScriptedModel model = new([a])
        {
            Logits = _ =>
            {
                float[] logits = new float[1024];
                (logits[a], logits[b], logits[c]) = (10, 9.7f, 9.55f);
                return logits;
            },
        };
        using IChatClient client = ScriptedChat.Client(model);

        // the prompt is full of what is penalised in answers only
        ChatOptions options = new() { FrequencyPenalty = frequency, PresencePenalty = presence, MaxOutputTokens = 6 };
        ChatResponse answer = await client.GetResponseAsync("a a a b c", options);

        answer.Text.Should().Be(expected);
    }

    [Fact]
    public void Metadata_NameTheModel()
    {
        using PretrainedModel model = PretrainedModel.Load(SmallModel.TokenizerFolder);
        using IChatClient client = model.AsChatClient();

        client.GetService<ChatClientMetadata>()!.DefaultModelId.Should().Be("model", "it is the folder's name").And.Be(model.Name);
        client.GetService<ChatClientMetadata>("key").Should().BeNull();
        client.GetService<IChatClient>().Should().BeSameAs(client);
    }
}
