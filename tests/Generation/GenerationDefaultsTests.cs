using System.Text;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>What a model's <c>generation_config.json</c> means to the chat client.</summary>
public sealed class GenerationDefaultsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("generation-").FullName;

    public static TheoryData<string, GenerationOptions> Files => new()
    {
        { """{}""", new() },
        { """{"_from_model_config":true,"bos_token_id":1,"eos_token_id":2,"max_length":4096,"transformers_version":"4.51.0"}""", new() },
        {
            """{"do_sample":true,"temperature":0.6,"top_k":20,"top_p":0.95,"repetition_penalty":1.05,"max_new_tokens":77}""",
            new() { Temperature = 0.6, TopK = 20, TopP = 0.95, RepetitionPenalty = 1.05, MaxNewTokens = 77 }
        },
        { """{"do_sample":true}""", new() { Temperature = 1, TopK = 50, TopP = 1 } },
        { """{"do_sample":true,"temperature":0.7,"top_p":null}""", new() { Temperature = 0.7, TopK = 50, TopP = 1 } },
        { """{"temperature":0.7}""", new() { Temperature = 0.7, TopK = 50, TopP = 1 } },
        { """{"do_sample":false,"temperature":0.7,"repetition_penalty":1.2}""", new() { Temperature = 0, TopK = 0, TopP = 1, RepetitionPenalty = 1.2 } },
        { """{"repetition_penalty":1.2}""", new() { RepetitionPenalty = 1.2 } },
        { """{"max_new_tokens":9}""", new() { MaxNewTokens = 9 } },
        { """{"do_sample":null,"temperature":null}""", new() },
        { """{"num_beams":1,"min_p":0.0,"no_repeat_ngram_size":0,"suppress_tokens":[],"bad_words_ids":null}""", new() },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void Of_File_IsWhatItSays(string json, GenerationOptions expected) => GenerationDefaults.Of(Parse(json)).Should().Be(expected);

    [Theory]
    [InlineData("""{"num_beams":4}""", "*'num_beams' 4*GenerationOptions*")]
    [InlineData("""{"min_p":0.05,"no_repeat_ngram_size":3}""", "*'min_p' 0.05*'no_repeat_ngram_size' 3*")]
    [InlineData("""{"suppress_tokens":[1]}""", "*'suppress_tokens' ?1?*")]
    public void Of_FileThatAsksForMore_IsRefused(string json, string message) =>
        FluentActions.Invoking(() => GenerationDefaults.Of(Parse(json))).Should().Throw<NotSupportedException>().WithMessage(message);

    [Theory]
    [InlineData("""{"temperature":-1,"top_p":2}""", "*'temperature' is -1*'top_p' is 2*")]
    [InlineData("""{"max_new_tokens":0}""", "*'max_new_tokens' is 0*")]
    [InlineData("""{"do_sample":"yes"}""", "*'do_sample' is \"yes\"*")]
    [InlineData("""{"top_k":-1}""", "*'top_k' is -1*")]
    public void Of_ValueOutOfItsRange_IsRefused(string json, string message) =>
        FluentActions.Invoking(() => GenerationDefaults.Of(Parse(json))).Should().Throw<ModelConfigException>().WithMessage(message);

    [Fact]
    public async Task Chat_WithoutOptions_UsesTheFile()
    {
        using PretrainedModel model = Model("""{"do_sample":false,"max_new_tokens":5}""");
        using IChatClient chat = model.AsChatClient(), greedy = model.AsChatClient(GenerationOptions.Greedy with { MaxNewTokens = 5 });

        ChatResponse answer = await chat.GetResponseAsync("Hello?");

        answer.Text.Should().Be((await greedy.GetResponseAsync("Hello?")).Text);
        answer.Usage!.OutputTokenCount.Should().Be(5);
        (await chat.GetResponseAsync("Hello?", new ChatOptions { MaxOutputTokens = 3 })).Usage!.OutputTokenCount.Should().Be(3, "the request comes first");
    }

    [Fact]
    public async Task Chat_WithOptions_TakesThemAsAWhole()
    {
        using PretrainedModel model = Model("""{"do_sample":false,"max_new_tokens":5}""");
        using IChatClient chat = model.AsChatClient(new GenerationOptions { MaxNewTokens = 7, Seed = 1 });
        using IChatClient mixed = model.AsChatClient(model.GenerationDefaults with { Seed = 1 });

        (await chat.GetResponseAsync("Hello?")).Usage!.OutputTokenCount.Should().Be(7);
        (await mixed.GetResponseAsync("Hello?")).Usage!.OutputTokenCount.Should().Be(5);
    }

    [Fact]
    public void Chat_FileThatAsksForMore_IsRefusedUnlessOptionsAreGiven()
    {
        using PretrainedModel model = Model("""{"num_beams":4}""");

        FluentActions.Invoking(() => model.AsChatClient()).Should().Throw<NotSupportedException>().WithMessage("*num_beams*");
        model.AsChatClient(new GenerationOptions()).Dispose();
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static GenerationConfig Parse(string json) => GenerationConfig.Parse(Encoding.UTF8.GetBytes(json), "generation_config.json", 100);

    private PretrainedModel Model(string generation)
    {
        using PretrainedModel small = SmallModel.Create();
        small.SaveModel(_folder);
        File.WriteAllText(Path.Combine(_folder, "generation_config.json"), generation);
        return PretrainedModel.Load(_folder);
    }
}
