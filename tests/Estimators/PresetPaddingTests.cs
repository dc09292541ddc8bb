using Microsoft.ML;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>The parity preset leaves out the padding that no loss depends on, and gives what all of it gives.</summary>
public sealed class PresetPaddingTests
{
    private const int Length = 40;
    private static readonly ExpertsConfig s_experts = new() { Count = 4, PerToken = 2, IntermediateSize = 48, AuxLossCoefficient = 0.5 };

    public static TheoryData<string, long> Models() => new()
    {
        { "dense", 0 },
        { "experts", 2 * 4 * Length }, // their load-balancing loss is over padding, too
        { "experts balanced by sequences", 2 * 4 * Length },
        { "experts without a balance", 0 },
    };

    private static Dictionary<string, ExpertsConfig?> Experts { get; } = new()
    {
        ["dense"] = null,
        ["experts"] = s_experts,
        ["experts balanced by sequences"] = s_experts with { BalancesSequences = true },
        ["experts without a balance"] = s_experts with { AuxLossCoefficient = 0 },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Accumulate_AsThePresetLaysOut_GivesLossesAndGradientsOfAllPadding(string kind, long paddedRows)
    {
        using DisposeScope scope = NewDisposeScope();
        using PretrainedModel model = Model(kind);
        BatchOptions preset = TrainingEngine.BatchOptions(Preset(model), new ComputeSettings(CPU, ComputePrecision.Fp32, ScalarType.Float32));
        BatchOptions padded = new(BatchShape.PaddedToMaximum, HeadOnResponseOnly: false, Length, preset.Padding, BalanceRealTokensOnly: false,
            new ComputeMode(ScalarType.Float32, Fused: false), long.MaxValue);

        (Tensor metrics, Dictionary<string, Tensor> gradients, long rows) = Run(model, preset);
        (Tensor expected, Dictionary<string, Tensor> expectedGradients, long allRows) = Run(model, padded);

        TensorAssertions.RelativeDistance(metrics, expected).Should().BeLessThan(1e-5);
        (metrics - expected).abs().max().ToDouble().Should().BeLessThan(1e-3);
        metrics[1].ToDouble().Should().BeApproximately(expected[1].ToDouble(), 1e-5 * expected[1].ToDouble(), "that is the load-balancing loss");
        foreach ((string name, Tensor gradient) in gradients)
            TensorAssertions.RelativeDistance(gradient, expectedGradients[name]).Should().BeLessThan(1e-5, $"that is the gradient of {name}");
        rows.Should().Be(paddedRows > 0 ? paddedRows : Pairs().Sum(pair => pair.Chosen.NeededLength + pair.Rejected.NeededLength));
        allRows.Should().Be(2 * 4 * Length);
    }

    [Theory]
    [InlineData("dense")]
    [InlineData("experts")]
    public void Fit_SequenceLongerThanTheMaximum_IsRefusedWithItsLine(string kind)
    {
        using PretrainedModel model = Model(kind);
        MLContext context = new(seed: 1);
        PreferenceExample longer = LongPairs.Make(1024, 1, (3, 4), (10, Length)).Last(); // eight tokens of prompt

        Action fit = () => new DpoTrainer(context, Preset(model)).Fit(context.Data.LoadFromEnumerable(
            RandomPairs.Make(2, 1024, 3).Append(longer).Select(SmallModel.Row).ToList()));

        fit.Should().Throw<InvalidDataException>().WithMessage($"Line 2: a sequence has {Length + 7} input tokens*MaxLength {Length + 1}*room for {Length}.*");
    }

    private static PretrainedModel Model(string kind) => SmallModel.Create(config: new ModelConfig
    {
        VocabularySize = 1024, HiddenSize = 32, LayerCount = 2, HeadCount = 4, KeyValueHeadCount = 2, MaxPositions = 512, Experts = Experts[kind],
    });

    private static DpoTrainer.Options Preset(PretrainedModel model) => DpoTrainer.Options.MiniMind(model, maxLength: Length + 1);

    /// <summary>Usual pairs, and some that carry no preference, which the script trains on: a side without an answer, and none on either side.</summary>
    private static PreferenceExample[] Pairs()
    {
        IReadOnlyList<PreferenceExample> pairs = RandomPairs.Make(4, 1024, seed: 3);
        static Response Unanswered(Response response) => new(response.InputIds, response.Labels, new byte[response.LossMask.Length]);
        return
        [
            pairs[0], pairs[1] with { Rejected = Unanswered(pairs[1].Rejected) }, pairs[2],
            new PreferenceExample(Unanswered(pairs[3].Chosen), Unanswered(pairs[3].Rejected), 4),
        ];
    }

    private static (Tensor Metrics, Dictionary<string, Tensor> Gradients, long Rows) Run(PretrainedModel model, BatchOptions options)
    {
        using MiniMindNetwork policy = model.Network.Network.Clone(CPU), reference = model.Network.Network.Clone(CPU);
        using FlatParameters parameters = new(policy.named_parameters().Select(p => (p.name, p.parameter)));
        using (no_grad())
            parameters.Values.mul_(1.05f); // a policy that differs from its reference
        PreferenceTask task = new(policy, new LiveReference(reference, options.LogitsBudget), Pairs(),
            new(PreferenceLoss.Sigmoid(), 0.15, LogProbReduction.Sum), options);
        int[] examples = [0, 1, 2, 3];
        BatchRows rows = task.Build(examples);
        task.Rows(examples).Should().Be(rows.InputIds.Length);
        Tensor metrics = task.Accumulate(new DeviceBatch(rows, options.Mode, CPU), examples, 0.25);
        return (metrics, policy.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!.clone()), rows.InputIds.Length);
    }
}
