using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Tests.Families;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;
using AdaptedNetwork = MiniMind.MLNet.Dpo.Tests.Modeling.Adapters.AdaptedNetwork;

namespace MiniMind.MLNet.Dpo.Tests.Weights.Gguf;

/// <summary>Adapters as llama.cpp itself adds them to the file of their model.</summary>
public sealed class GgufAdapterRuntimeTests(ITestOutputHelper output) : IDisposable
{
    private const int Greedy = 24;

    private static readonly int[][] s_prompts = [[1, 700, 33, 5, 9], [.. Enumerable.Range(200, 60)]];
    private static readonly (GgufType Type, double Bound)[] s_types =
        [(GgufType.F32, 1e-3), (GgufType.F16, 0.1), (GgufType.BF16, 0.6), (GgufType.Q8_0, 1)];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, LoraOptions> Families
    {
        get
        {
            LoraOptions all = new() { Rank = 8, Alpha = 60 };
            TheoryData<string, LoraOptions> cases = [];
            foreach (string family in (string[])["Qwen2.5", "Llama 3.2", "SmolLM3", "Gemma 3", "Phi-4-mini"])
                cases.Add(family, all);
            cases.Add("Llama 3.2", all with { RankStabilized = true, Layers = [1] });
            cases.Add("Phi-4-mini", all with { Targets = LoraTargets.Named("v_proj", "up_proj") });
            return cases;
        }
    }

    public static TheoryData<bool, int, LoraOptions> Random => new()
    {
        { true, 0, new LoraOptions { Rank = 16, Alpha = 160 } },
        { false, 0, new LoraOptions { Rank = 3, Alpha = 40, RankStabilized = true } },
        { true, 1, new LoraOptions { Rank = 4, Alpha = 60 } },
        { true, 2, new LoraOptions { Rank = 4, Alpha = 60, Targets = LoraTargets.Named("q_proj", "gate", "down_proj") } },
    };

    [Theory]
    [MemberData(nameof(Families))]
    public void SaveGgufAdapter_Family_AnswersInLlamaCppAsHere(string name, LoraOptions options)
    {
        using FamilyCheckpoint checkpoint = new(FamilyCases.Find(name));
        using PretrainedModel model = PretrainedModel.Load(checkpoint.Path), adapted = Adapted(model, options);

        Check(model, adapted, times: name == "Gemma 3" ? 10 : 1); // llama.cpp takes Gemma's activation from a table
    }

    [Theory]
    [MemberData(nameof(Random))]
    public void SaveGgufAdapter_MiniMind_AnswersInLlamaCppAsHere(bool qkNorm, int expertsPerToken, LoraOptions options)
    {
        using PretrainedModel model = Model(qkNorm, expertsPerToken), adapted = Adapted(model, options);

        Check(model, adapted);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void SaveGgufAdapter_RanksAndScalesOfManyKinds_AnswersInLlamaCppAsHere(int expertsPerToken)
    {
        using PretrainedModel model = Model(qkNorm: true, expertsPerToken);
        using Generator random = new(4);
        Dictionary<string, LowRankPair> pairs = [];
        foreach ((string module, StoredMatrix matrix) in model.Network.Network.Linears)
        {
            int rank = 2 + (pairs.Count % 5);
            if (pairs.Count % 7 != 6) // and some layers have none
            {
                pairs.Add(module, new LowRankPair(randn([rank, matrix.Weight.shape[1]], generator: random) / 8,
                    randn([matrix.Weight.shape[0], rank], generator: random) / 8, null, 3 + pairs.Count, pairs.Count % 2 == 0, 0, trained: false));
            }
        }
        using LoraAdapter adapter = new(new LowRankAdapter(new AdapterConfig { Rank = 4, Alpha = 8, Targets = [.. pairs.Keys] }, pairs));
        using PretrainedModel adapted = model.WithAdapter(adapter);

        Check(model, adapted);
    }

    [Fact]
    public void SaveGgufAdapter_OfAnotherModel_IsRefusedByLlamaCpp()
    {
        using PretrainedModel model = Model(qkNorm: true, 0), other = Model(qkNorm: false, 0), adapted = Adapted(model, new LoraOptions { Rank = 4 });
        other.SaveGguf(_folder.File("other.gguf"), GgufType.F32);
        adapted.SaveGgufAdapter(_folder.File("adapter.gguf"));

        LlamaAnswer answer = LlamaRuntime.Ask(new LlamaQuestion(_folder.File("other.gguf")) { Adapter = _folder.File("adapter.gguf") })[0];

        answer.Failure.Should().Contain("model arch and LoRA arch mismatch", "a probe that adds nothing would say nothing");
    }

    /// <summary>The model's file in F32 with the adapter's in each type: logits, and in F32 greedy answers.</summary>
    private void Check(PretrainedModel model, PretrainedModel adapted, double times = 1)
    {
        string file = _folder.File("model.gguf");
        model.SaveGguf(file, GgufType.F32);
        foreach ((GgufType type, _) in s_types)
            adapted.SaveGgufAdapter(_folder.File($"{type}.gguf"), type);
        float[][] bare = [.. s_prompts.Select(prompt => OurAnswer.Logits(model, prompt))],
            logits = [.. s_prompts.Select(prompt => OurAnswer.Logits(adapted, prompt))];

        LlamaAnswer[] answers = LlamaRuntime.Ask([.. s_types.Select(one => new LlamaQuestion(file)
        {
            Adapter = _folder.File($"{one.Type}.gguf"), Prompts = s_prompts, Greedy = one.Type == GgufType.F32 ? Greedy : 0, Logits = true,
        })]);

        foreach (((GgufType type, double bound), LlamaAnswer answer) in s_types.Zip(answers))
        {
            answer.Failure.Should().BeNull();
            double[] differences = [.. answer.Differences(logits, model.Config.VocabularySize).Order()];
            double moved = answer.Differences(bare, model.Config.VocabularySize).Max();
            output.WriteLine($"{type}: {new FileInfo(_folder.File($"{type}.gguf")).Length} bytes, logits up to {logits.Max(row => row.Max(Math.Abs)):F1} "
                + $"moved by up to {moved:F2} and within {differences[^1]:E2}");
            moved.Should().BeGreaterThan(1, "an adapter that does nothing shows nothing");
            // where two experts are as likely, rounding chooses the other one, and that position's logits are others
            double counted = type == GgufType.F32 || model.Config.Experts is null ? differences[^1] : differences[differences.Length / 2];
            counted.Should().BeLessThan(bound * (type == GgufType.F32 ? times : 1), type.ToString());
        }
        for (int i = 0; i < s_prompts.Length; i++)
            answers[0].Continuations[i].Should().Equal(OurAnswer.Greedy(adapted, s_prompts[i], Greedy));
    }

    private static PretrainedModel Adapted(PretrainedModel model, LoraOptions options) =>
        new(new SharedNetwork(AdaptedNetwork.Trained(model.Network.Network, options)), model.Tokenizer, model.ChatTemplate);

    private static PretrainedModel Model(bool qkNorm, int expertsPerToken)
    {
        PretrainedModel model = SmallModel.Create(seed: 5, config: new ModelConfig
        {
            VocabularySize = 1100, HiddenSize = 64, LayerCount = 3, HeadCount = 4, KeyValueHeadCount = 2, HeadDim = 32, IntermediateSize = 96,
            MaxPositions = 512, QkNorm = qkNorm,
            Experts = expertsPerToken == 0 ? null : new ExpertsConfig { Count = 4, PerToken = expertsPerToken, IntermediateSize = 64 },
        });
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(3);
        foreach (TorchSharp.Modules.Parameter parameter in model.Network.Network.parameters())
        {
            Tensor noise = randn(parameter.shape, generator: random);
            parameter.copy_(parameter.dim() == 1 ? 1 + (0.3 * noise) : 0.15 * noise);
        }
        return model;
    }
}
