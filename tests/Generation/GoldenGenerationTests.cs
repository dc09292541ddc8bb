using System.Text.Json;
using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Weights;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

public sealed class GoldenGenerationTests
{
    private static readonly HashSet<int> s_never = [];

    [Fact]
    public void Generate_Greedy_GivesTheReferencesTokens()
    {
        using MiniMindNetwork network = GoldenModels.Load(TestFiles.Golden("model-dense", "tiny"));
        using GenerationSession session = new(network);
        foreach (JsonElement golden in Cases())
        {
            int[] prompt = Ids(golden, "prompt_ids");
            int[] expected = Ids(golden, "generated_ids");

            session.Generate(prompt, Greedy(expected.Length, 1), s_never).Should().Equal(expected);
            session.Generate(prompt, Greedy(expected.Length, 1.3), s_never).Should().Equal(Ids(golden, "with_repetition_penalty_1.3"));
            session.Generate(prompt, Greedy(expected.Length, 1), new HashSet<int> { 2 }).Should().Equal(Ids(golden, "with_eos_2"));
            if (golden.TryGetProperty("with_eos_5th", out JsonElement ended))
            {
                session.Generate(prompt, Greedy(expected.Length, 1), new HashSet<int> { ended.GetProperty("eos_token_id").GetInt32() }).Should()
                    .Equal(Ids(ended, "generated_ids"));
            }
        }
    }

    [SkippableFact]
    public void Generate_LlamaCheckpointWithoutQkNorm_GivesTheReferencesTokensAndLogits()
    {
        string folder = TestFiles.Shared("fetched", "stories260K");
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(TestFiles.Shared("goldens", "generate", "stories260K.json")));
        (ModelConfig config, IWeightSource weights) = ModelFolder.Open(ModelFolder.FindWeights(folder));
        using IWeightSource source = weights;
        using MiniMindNetwork network = new(config);
        StateDictLoader.Load(source, network.named_parameters().ToDictionary(p => p.name, torch.Tensor (p) => p.parameter), config.TieWordEmbeddings);
        using GenerationSession session = new(network);
        int[] expected = Ids(golden.RootElement, "generated_ids");

        session.Generate([1], Greedy(expected.Length, 1), s_never).Should().Equal(expected);

        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGradient = torch.no_grad();
        long[] first = [1, .. expected.Take(11).Select(id => (long)id)];
        torch.Tensor hidden = network.Forward(torch.tensor(first), new RectangularLayout(1, 12, torch.CPU)).Hidden;
        float[] logits = [.. golden.RootElement.GetProperty("logits_last_of_first_12_ids").EnumerateArray().Select(l => l.GetSingle())];
        network.Logits(hidden[11..12]).squeeze(0).ShouldBeCloseTo(torch.tensor(logits), 1e-4);
    }

    [Fact]
    public void Generate_PromptThatContinuesTheLast_GivesWhatAFreshSessionGives()
    {
        using MiniMindNetwork network = GoldenModels.Load(TestFiles.Golden("model-dense", "tiny"));
        using GenerationSession kept = new(network);
        int[] first = [5, 900, 17, 33];
        int[] answer = [.. kept.Generate(first, Greedy(300, 1), s_never)];
        int[] second = [.. first, .. answer.Take(40), 77, 1234];

        int[] continued = [.. kept.Generate(second, Greedy(20, 1), s_never)];

        using GenerationSession fresh = new(network);
        fresh.Generate(second, Greedy(20, 1), s_never).Should().Equal(continued);
    }

    [Fact]
    public void Generate_Sampled_RepeatsWithItsSeedAndStaysInsideTopK()
    {
        using MiniMindNetwork network = GoldenModels.Load(TestFiles.Golden("model-dense", "tiny"));
        using GenerationSession session = new(network);
        GenerationOptions options = new() { MaxNewTokens = 40, Seed = 5 };

        int[] first = [.. session.Generate([1876], options, s_never)];
        int[] again = [.. session.Generate([1876], options, s_never)];
        int[] other = [.. session.Generate([1876], new GenerationOptions { MaxNewTokens = 40, Seed = 6 }, s_never)];

        again.Should().Equal(first);
        other.Should().NotEqual(first);
        session.Generate([1876], new GenerationOptions { MaxNewTokens = 10, TopK = 1, Seed = 1 }, s_never)
            .Should().Equal(session.Generate([1876], Greedy(10, 1), s_never), "the likeliest token alone is the greedy one");
    }

    [Fact]
    public void Generate_BadPrompts_AreRefusedBeforeAnythingRuns()
    {
        using MiniMindNetwork network = GoldenModels.Load(TestFiles.Golden("model-dense", "tiny"));
        using GenerationSession session = new(network);

        FluentActions.Invoking(() => session.Generate([], new(), s_never)).Should().Throw<ArgumentException>().WithMessage("*no token*");
        FluentActions.Invoking(() => session.Generate([6400], new(), s_never)).Should().Throw<ArgumentException>().WithMessage("*6400*");
        FluentActions.Invoking(() => session.Generate([-1], new(), s_never)).Should().Throw<ArgumentException>().WithMessage("*-1*");
        FluentActions.Invoking(() => session.Generate(new int[2048], new(), s_never)).Should().Throw<ArgumentException>().WithMessage("*2048*");
        FluentActions.Invoking(() => session.Generate([1], new() { TopP = 0, TopK = -1 }, s_never)).Should().Throw<ArgumentException>()
            .WithMessage("*TopP*TopK*");
    }

    private static GenerationOptions Greedy(int tokens, double penalty) => new() { Temperature = 0, MaxNewTokens = tokens, RepetitionPenalty = penalty };

    private static List<JsonElement> Cases()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(TestFiles.Golden("generate", "model-dense-tiny.json")));
        return [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(c => c.Clone())];
    }

    private static int[] Ids(JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(i => i.GetInt32())];
}
