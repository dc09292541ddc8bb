using Microsoft.ML;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights.Gguf;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Weights.Onnx;

/// <summary>Saved ONNX decoders as ONNX Runtime itself reads and computes them.</summary>
public sealed class OnnxRuntimeTests : IDisposable
{
    private const double LogitBound = 1e-3;

    private static readonly ModelConfig s_config = new()
    {
        VocabularySize = 1100, HiddenSize = 64, LayerCount = 3, HeadCount = 4, KeyValueHeadCount = 2, HeadDim = 32, IntermediateSize = 96, MaxPositions = 512,
        RmsNormEpsilon = 1e-5, RopeTheta = 5e4,
    };

    private readonly TemporaryFolder _folder = new();

    private string ModelFile => _folder.File("model.onnx");

    public static TheoryData<ModelConfig> Configs =>
    [
        s_config,
        s_config with { QkNorm = false, TieWordEmbeddings = false },
        s_config with { Experts = new ExpertsConfig { Count = 4, PerToken = 1, IntermediateSize = 64 } },
        s_config with { Experts = new ExpertsConfig { Count = 6, PerToken = 3, IntermediateSize = 64, NormalizeTopK = false } },
        s_config with { RopeScaling = new YarnScaling { Factor = 4, OriginalMaxPositions = 64, AttentionFactor = 1.2 } },
        s_config with { RotaryDim = 8, SlidingWindow = 7, QueryPreAttentionScalar = 20, UnrotatedLayers = [1] },
        s_config with { SlidingWindow = 5, GlobalLayers = [1], LocalRopeTheta = 100, LinearRopeFactor = 8, UnitOffsetNorms = true },
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Configs))]
    public void SaveOnnx_Parts_AnswerInOnnxRuntimeAsHere(ModelConfig config)
    {
        using PretrainedModel model = SmallModel.Create(seed: 5, config: config);
        Spread.Weights(model);

        ShouldAnswerAlike(model, [[1, 5, 9, 700, 33], [.. Enumerable.Range(200, 90)]]);
    }

    [Fact]
    public void SaveOnnx_BakeryModel_AnswersInOnnxRuntimeAsHere()
    {
        using PretrainedModel model = PretrainedModel.Load(SmallModel.TokenizerFolder);

        ShouldAnswerAlike(model, [model.Tokenizer.Encode("<|im_start|>user\nWhen do you open?<|im_end|>\n<|im_start|>assistant\n")]);
    }

    [SkippableFact]
    public void SaveOnnx_TrainedMiniMind_AnswersInOnnxRuntimeAsHere()
    {
        using PretrainedModel model = PretrainedModel.Load(TestFiles.Shared("fetched", "minimind-256"));

        ShouldAnswerAlike(model, [model.Tokenizer.Encode("<|im_start|>user\nWhy is the sky blue?<|im_end|>\n<|im_start|>assistant\n")]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SaveOnnx_TrainedPolicy_AnswersWithWhatWasTrained(bool adapter)
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        using DpoTransformer trained = new DpoTrainer(context, new DpoTrainer.Options
        {
            Model = model, LearningRate = 1e-2, BatchSize = 4, Adapter = adapter ? new LoraOptions { Rank = 4 } : null,
        }).Fit(SmallModel.Pairs(context, 8));
        using PretrainedModel policy = trained.AsModel();
        int[] prompt = [1, 5, 9, 700, 33];

        trained.SaveOnnx(ModelFile);

        using OnnxSession session = new(ModelFile);
        float[] theirs = session.Logits([prompt]);
        Difference(theirs, OurAnswer.Logits(policy, prompt)).Should().BeLessThan(LogitBound);
        Difference(theirs, OurAnswer.Logits(model, prompt)).Should().BeGreaterThan(10 * LogitBound, "training moved it");
    }

    [Fact]
    public void SaveOnnx_PolicyOfFeedback_AnswersWithWhatWasTrained()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        using KtoTransformer trained = new KtoTrainer(context, new KtoTrainer.Options { Model = model, LearningRate = 1e-2, BatchSize = 4 })
            .Fit(FeedbackRows.Prepared(context, 8));
        using PretrainedModel policy = trained.AsModel();
        int[] prompt = [1, 5, 9, 700, 33];

        trained.SaveOnnx(ModelFile);

        using OnnxSession session = new(ModelFile);
        float[] theirs = session.Logits([prompt]);
        Difference(theirs, OurAnswer.Logits(policy, prompt)).Should().BeLessThan(LogitBound);
        Difference(theirs, OurAnswer.Logits(model, prompt)).Should().BeGreaterThan(10 * LogitBound, "training moved it");
    }

    [Fact]
    public void SaveOnnx_RowsOfDifferentLengthPaddedAtTheirBeginning_AnswerAsAlone()
    {
        using PretrainedModel model = SmallModel.Create(seed: 5, config: s_config with { SlidingWindow = 6 });
        Spread.Weights(model);
        int[] longer = [1, 5, 9, 700, 33, 40, 41, 42, 43, 44], shorter = [1, 800, 33, 7];
        model.SaveOnnx(ModelFile);

        using OnnxSession session = new(ModelFile);
        float[] both = session.Logits([longer, [0, 0, 0, 0, 0, 0, .. shorter]], leftOut: [0, 6]);

        Difference(both[..(both.Length / 2)], OurAnswer.Logits(model, longer)).Should().BeLessThan(LogitBound);
        Difference(both[^(shorter.Length * s_config.VocabularySize)..], OurAnswer.Logits(model, shorter)).Should().BeLessThan(LogitBound);
        both.Should().OnlyContain(logit => float.IsFinite(logit));
    }

    [Fact]
    public void SaveOnnx_Model_HasTheNamesThatRuntimesLookFor()
    {
        using PretrainedModel model = SmallModel.Create(seed: 5, config: s_config);
        model.SaveOnnx(ModelFile);

        using OnnxSession session = new(ModelFile);

        (Dictionary<string, int[]> inputs, Dictionary<string, int[]> outputs) = session.Signature;
        string[] parts = [.. Enumerable.Range(0, 3).SelectMany(layer => (string[])[$"{layer}.key", $"{layer}.value"])];
        inputs.Keys.Should().BeEquivalentTo(["input_ids", "attention_mask", .. parts.Select(part => $"past_key_values.{part}")]);
        outputs.Keys.Should().BeEquivalentTo(["logits", .. parts.Select(part => $"present.{part}")]);
        inputs["past_key_values.2.key"].Should().Equal(-1, 2, -1, 32);
        outputs["logits"].Should().Equal(-1, -1, 1100);
    }

    [Theory]
    [InlineData(WeightPrecision.Float16, ScalarType.Float16)]
    [InlineData(WeightPrecision.BFloat16, ScalarType.BFloat16)]
    public void SaveOnnx_HalfPrecision_TakesHalfAndComputesWithTheRoundedWeights(WeightPrecision precision, ScalarType type)
    {
        using PretrainedModel model = SmallModel.Create(seed: 5, config: s_config with { UnitOffsetNorms = true });
        Spread.Weights(model);
        int[] prompt = [.. Enumerable.Range(200, 40)];
        model.SaveOnnx(ModelFile);
        long whole = new FileInfo(ModelFile + ".data").Length;
        model.SaveOnnx(ModelFile, precision);

        ((double)new FileInfo(ModelFile + ".data").Length / whole).Should().BeInRange(0.45, 0.6);
        using (no_grad())
        {
            foreach (TorchSharp.Modules.Parameter parameter in model.Network.Network.parameters().Where(parameter => parameter.dim() > 1))
            {
                using Tensor rounded = parameter.to(type);
                parameter.copy_(rounded);
            }
        }
        using OnnxSession session = new(ModelFile);
        Difference(session.Logits([prompt]), OurAnswer.Logits(model, prompt)).Should().BeLessThan(LogitBound);
    }

    [Fact]
    public void SaveOnnx_WeightBeyondTheFormat_IsRefusedAndTheOldFilesStay()
    {
        using PretrainedModel model = SmallModel.Create(seed: 5, config: s_config);
        model.SaveOnnx(ModelFile);
        byte[][] before = [File.ReadAllBytes(ModelFile), File.ReadAllBytes(ModelFile + ".data")];
        using (no_grad())
        {
            using Tensor first = model.Network.Network.named_parameters().First(p => p.name.EndsWith("up_proj.weight", StringComparison.Ordinal))
                .parameter.view(-1).narrow(0, 5, 1);
            using Tensor value = tensor(new[] { 70_000f });
            first.copy_(value);
        }

        model.Invoking(m => m.SaveOnnx(ModelFile, WeightPrecision.Float16)).Should().Throw<InvalidOperationException>().WithMessage("*up_proj.weight*");

        File.ReadAllBytes(ModelFile).Should().Equal(before[0]);
        File.ReadAllBytes(ModelFile + ".data").Should().Equal(before[1]);
        Directory.GetFiles(_folder.Path).Should().HaveCount(2);
    }

    [Fact]
    public void ModelConfig_EveryProperty_IsWrittenOrKnownToChangeNothing() =>
        typeof(ModelConfig).GetProperties().Should().HaveCount(33, "a new part of the shape must be computed by OnnxDecoder, or refused there");

    private void ShouldAnswerAlike(PretrainedModel model, int[][] prompts)
    {
        model.SaveOnnx(ModelFile);

        using OnnxSession session = new(ModelFile);
        foreach (int[] prompt in prompts)
        {
            Difference(session.Logits([prompt]), OurAnswer.Logits(model, prompt)).Should().BeLessThan(LogitBound);
            session.Greedy(prompt, 32).Should().Equal(OurAnswer.Greedy(model, prompt, 32));
        }
    }

    private static double Difference(float[] left, float[] right)
    {
        left.Should().HaveCount(right.Length);
        return left.Zip(right, (a, b) => Math.Abs((double)a - b)).Max();
    }
}
