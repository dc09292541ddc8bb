using System.Text.Json;
using Microsoft.Extensions.AI;
using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Generation.Decoding;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Generation.Decoding;

/// <summary>Kernels and libtorch's operations give the same answers, and what cannot be chosen is refused.</summary>
public sealed class DecodingSwitchTests
{
    private static readonly int[] s_prompt = [.. Enumerable.Range(0, 1500).Select(i => 5 + 37 * i % 900)];

    [Fact]
    public void Next_LongPromptAndFurtherTokens_DiffersByTheOrderOfSumsAlone()
    {
        using MiniMindNetwork network = GoldenModels.Load(TestFiles.Golden("model-dense", "tiny"));
        using NetworkModel kernels = Model(network, true), libtorch = Model(network, false);
        IBatchReader first = kernels.NewReader(), second = libtorch.NewReader();
        using GenerationSession own = new(network, first), other = new(network, second);

        first.Should().BeOfType<HostDecoder>();
        second.Should().BeOfType<NetworkReader>();
        foreach (int length in (int[])[1, 64, 65, 600, 601, 1500, 130])
        {
            float[] expected = other.Next(s_prompt.AsSpan(0, length), default);
            own.Next(s_prompt.AsSpan(0, length), default).Zip(expected, (one, two) => Math.Abs(one - two)).Max().Should()
                .BeLessThan(1e-4f, "at {0} tokens", length);
        }
    }

    [Fact]
    public void Generate_Greedy_GivesTheReferencesTokens()
    {
        using MiniMindNetwork network = GoldenModels.Load(TestFiles.Golden("model-dense", "tiny"));
        using NetworkModel model = Model(network, true);
        using GenerationSession session = new(network, model.NewReader());
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(TestFiles.Golden("generate", "model-dense-tiny.json")));
        foreach (JsonElement golden in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            int[] Ids(string name) => [.. golden.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
            int[] Greedy(double penalty, params int[] ends) => [.. session.Generate(Ids("prompt_ids"),
                GenerationOptions.Greedy with { MaxNewTokens = Ids("generated_ids").Length, RepetitionPenalty = penalty }, ends.ToHashSet())];

            Greedy(1).Should().Equal(Ids("generated_ids"));
            Greedy(1.3).Should().Equal(Ids("with_repetition_penalty_1.3"));
            Greedy(1, 2).Should().Equal(Ids("with_eos_2"));
        }
    }

    [Fact]
    public async Task AsChatClient_SampledWithASeed_SaysTheSameEitherWay()
    {
        using PretrainedModel model = SmallModel.Create();
        GenerationOptions options = new() { Seed = 3, MaxNewTokens = 40, TopK = 0 };
        using IChatClient kernels = model.AsChatClient(options), libtorch = model.AsChatClient(options, new DecodingOptions { UsesKernels = false });

        ChatResponse one = await kernels.GetResponseAsync("Hello?"), other = await libtorch.GetResponseAsync("Hello?");

        one.Text.Should().NotBeEmpty().And.Be(other.Text);
    }

    [Theory]
    [InlineData(FrozenFormat.BFloat16)]
    [InlineData(FrozenFormat.Int8)]
    public async Task AsChatClient_WithNarrowWeights_Answers(FrozenFormat format)
    {
        using PretrainedModel model = SmallModel.Create();
        using IChatClient client = model.AsChatClient(GenerationOptions.Greedy with { MaxNewTokens = 5 }, new DecodingOptions { Weights = format });

        ChatResponse response = await client.GetResponseAsync("Hello?");

        response.Usage!.OutputTokenCount.Should().BePositive();
    }

    [Fact]
    public void AsChatClient_FormatThatOnlyKernelsRead_IsRefusedWhereTheyCannot()
    {
        using PretrainedModel model = SmallModel.Create();

        FluentActions.Invoking(() => model.AsChatClient(null, new DecodingOptions { UsesKernels = false, Weights = FrozenFormat.Int8 }))
            .Should().Throw<NotSupportedException>().WithMessage("*Weights is Int8*InFormat*");
        FluentActions.Invoking(() => model.AsChatClient(null, new DecodingOptions { Weights = (FrozenFormat)7 }))
            .Should().Throw<ArgumentException>().WithMessage("*Weights is 7*Float32, BFloat16, Int8, or null*");
        model.AsChatClient(null, new DecodingOptions { UsesKernels = false, Weights = FrozenFormat.Float32 }).Dispose();
    }

    private static NetworkModel Model(MiniMindNetwork network, bool kernels) =>
        new(new SharedNetwork(network), new DecodingOptions { UsesKernels = kernels });
}
