using System.Runtime.InteropServices;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Validation;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training;

/// <summary>The reference's passes and those of evaluations on a device with too little memory for more than some rows.</summary>
public sealed class ForwardPassesTests
{
    private const int Scarce = 70; // two or three of the random pairs, which have 10 to 40 rows each
    private const double SameSums = 1e-6; // of the same values in other batches

    private static readonly IReadOnlyList<PreferenceExample> s_pairs = RandomPairs.Make(19, 512, seed: 4);

    [Fact]
    public void Run_PassesThatDoNotFit_AreHalvedWithAllAfterThem()
    {
        List<string> warnings = [];
        List<int[]> passes = [];
        ForwardPasses halving = new(autoBatch: true, warnings.Add);
        void Pass(int[] examples) => passes.Add(examples.Length > 3 ? throw new ExternalException("CUDA out of memory. Tried to allocate 2.00 GiB.\nmore")
            : examples);

        halving.Run([1, 2, 3, 4, 5, 6, 7], Pass);
        halving.Run([8, 9, 10], Pass);

        passes.Should().BeEquivalentTo([[1, 2], [3, 4], [5, 6], [7], [8, 9], new[] { 10 }], order => order.WithStrictOrdering());
        warnings.Should().Equal(
            "A pass without gradients over 7 examples needs more memory than there is: CUDA out of memory. Tried to allocate 2.00 GiB. The reference and " +
                "evaluations go on with 4 examples in a pass.",
            "A pass without gradients over 4 examples needs more memory than there is: CUDA out of memory. Tried to allocate 2.00 GiB. The reference and " +
                "evaluations go on with 2 examples in a pass.");
    }

    [Fact]
    public void Run_OneExampleDoesNotFitOrAnotherError_IsThrownOn()
    {
        FluentActions.Invoking(() => new ForwardPasses(autoBatch: true).Run([1, 2], _ => throw new ExternalException("CUDA out of memory."))).Should()
            .Throw<ExternalException>();
        FluentActions.Invoking(() => new ForwardPasses(autoBatch: true).Run([1, 2], _ => throw new ExternalException("shapes differ"))).Should()
            .Throw<ExternalException>().WithMessage("shapes differ");
        FluentActions.Invoking(() => new ForwardPasses().Run([1, 2], _ => throw new ExternalException("CUDA out of memory."))).Should()
            .Throw<ExternalException>();
    }

    [Fact]
    public void Measure_PreferencesThatDoNotFit_GivesTheSameNumbers()
    {
        (double[] whole, int none) = Preferences(long.MaxValue, new SingleProcess());

        (double[] halved, int warnings) = Preferences(Scarce, new SingleProcess());
        (double[] Values, int Warnings)[] ranks = SharedMemory.Run(
            2, communicator => Preferences(communicator.Rank == 1 ? Scarce : long.MaxValue, communicator));

        none.Should().Be(0);
        warnings.Should().BeInRange(1, 3);
        Same(halved, whole);
        ranks[0].Warnings.Should().Be(0, "each rank halves for itself");
        ranks[1].Warnings.Should().BePositive();
        Same(ranks[0].Values, whole);
        ranks[1].Values.Should().Equal(ranks[0].Values);
    }

    [Fact]
    public void Measure_ConversationsThatDoNotFit_GivesTheSameNumbers()
    {
        (double[] whole, _) = Conversations(long.MaxValue);

        (double[] halved, int warnings) = Conversations(Scarce);

        warnings.Should().BePositive();
        Same(halved, whole);
    }

    [Fact]
    public void Fit_ReferenceThatDoesNotFit_HalvesItOrSaysWhatToChange()
    {
        float[] whole = Train(long.MaxValue, autoBatch: false);

        float[] halved = Train(Scarce, autoBatch: true);

        new RankResult(halved, [], 0, null).DistanceTo(new RankResult(whole, [], 0, null)).Should().BeLessThan(SameSums);
        FluentActions.Invoking(() => Train(Scarce, autoBatch: false)).Should().Throw<InsufficientMemoryException>()
            .WithMessage("There is not enough memory: CUDA out of memory.*AutoBatch*");
    }

    private static (double[] Values, int Warnings) Preferences(long rows, ICommunicator communicator)
    {
        List<string> warnings = [];
        using MiniMindNetwork policy = GoldenModels.Load(TestFiles.Golden("model-dense/tiny")),
            reference = GoldenModels.Load(TestFiles.Golden("model-dense/tiny"));
        reference.named_parameters().First().parameter.requires_grad_(false).mul_(1.5); // so that there is something to measure
        PreferenceValidationOptions options = new(new(PreferenceLoss.Sigmoid(), 0.5, LogProbReduction.Mean), BatchSize: 8, RowBudget: 0, KlPairs: 5,
            ScalarType.Float32, long.MaxValue);
        Limit(policy, rows);
        PreferenceValidation validation = new(policy, reference, s_pairs, options, communicator, default, new ForwardPasses(autoBatch: true, warnings.Add));
        return ([.. validation.Measure(default)!.OrderBy(metric => metric.Key).Select(metric => metric.Value)], warnings.Count);
    }

    private static (double[] Values, int Warnings) Conversations(long rows)
    {
        List<string> warnings = [];
        using MiniMindNetwork network = GoldenModels.Load(TestFiles.Golden("model-dense/tiny"));
        Limit(network, rows);
        SupervisedValidation validation = new(
            network, [.. s_pairs.Select(pair => pair.Chosen)], RowGroups.Of(s_pairs.Count, _ => 1, 8, 0), ScalarType.Float32, long.MaxValue,
                new SingleProcess(), new ForwardPasses(autoBatch: true, warnings.Add));
        return ([.. validation.Measure(default)!.Values], warnings.Count);
    }

    private static float[] Train(long rows, bool autoBatch)
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        Limit(model.Network.Network, rows); // on the CPU it is the reference, and the policy is a copy
        using DpoTransformer trained = new DpoTrainer(context, new()
        {
            Model = model, LearningRate = 1e-3, BatchSize = 8, Threads = 1, Reference = ReferenceMode.Precomputed, AutoBatch = autoBatch,
            Validation = new() { Data = SmallModel.Pairs(context, 9, seed: 9), KlPairs = 3, SamplePrompts = 0 },
        }).Fit(SmallModel.Pairs(context, 16));
        using PretrainedModel policy = trained.AsModel();
        return [.. policy.Network.Network.named_parameters().SelectMany(p => p.parameter.data<float>())];
    }

    private static void Limit(MiniMindNetwork network, long rows) =>
        ((nn.Module<Tensor, Tensor>)network.named_modules().Single(m => m.name == "model.embed_tokens").module).register_forward_pre_hook((_, ids) =>
            ids.shape[0] > rows ? throw new ExternalException("CUDA out of memory. Tried to allocate 2.00 GiB.\nException raised from malloc") : ids);

    private static void Same(double[] ours, double[] theirs)
    {
        ours.Should().HaveSameCount(theirs);
        foreach ((double our, double their) in ours.Zip(theirs))
            our.Should().BeApproximately(their, SameSums * Math.Max(1, Math.Abs(their)));
    }
}
