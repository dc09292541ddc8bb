using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Guards;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Distributed;

/// <summary>Training by several ranks gives what one process with their batches together gives.</summary>
public sealed class TrainingTests
{
    private const double SameTraining = 1e-6; // sums of the same gradients in another order

    // pairs, batch per rank and accumulation so that the last group is full, uneven, or leaves ranks without a pair
    [Theory]
    [InlineData(2, 24, 2, 1)]
    [InlineData(2, 21, 2, 2)]
    [InlineData(2, 17, 2, 2)]
    [InlineData(3, 19, 2, 1)]
    [InlineData(4, 26, 1, 2)]
    public void Run_SeveralRanks_EqualsOneProcessWithTheirBatchesTogether(int ranks, int pairs, int batch, int accumulation)
    {
        RankTraining run = new() { Pairs = pairs, BatchSize = batch, AccumulationSteps = accumulation };
        RankResult one = (run with { BatchSize = ranks * batch }).On(1)[0], untrained = (run with { Epochs = 0 }).On(1)[0];

        RankResult[] together = run.On(ranks);

        one.DistanceTo(untrained).Should().BeGreaterThan(1e-3, "a run that learns nothing shows nothing");
        together[0].DistanceTo(one).Should().BeLessThan(SameTraining);
        together.Should().AllSatisfy(rank => rank.Weights.Should().Equal(together[0].Weights, "replicas are the same to the last bit"));
        together.Should().AllSatisfy(rank => rank.History.Should().BeEquivalentTo(together[0].History, "what ranks decide by must be the same"));
        together[0].Steps.Should().Be(one.Steps);
        foreach ((TrainingPoint ours, TrainingPoint theirs) in together[0].History.Zip(one.History))
        {
            (ours.Step, ours.Examples, ours.Tokens, ours.Rows).Should().Be((theirs.Step, theirs.Examples, theirs.Tokens, theirs.Rows));
            ours.GradientNorm.Should().BeApproximately(theirs.GradientNorm, 1e-5 * theirs.GradientNorm);
            foreach ((string name, double value) in ours.Metrics)
                value.Should().BeApproximately(theirs.Metrics[name], 1e-5, name);
        }
    }

    [Fact]
    public void Run_SupervisedWithUnevenLengths_WeighsTokensNotRanks()
    {
        RankTraining run = new() { Supervised = true, Pairs = 19 };

        run.On(3)[0].DistanceTo((run with { BatchSize = 6 }).On(1)[0]).Should().BeLessThan(SameTraining);
    }

    [Theory]
    [InlineData(2, 21)] // the last group leaves a rank without a pair
    [InlineData(3, 19)]
    public void Run_WithWeights_DividesByTheWeightsOfAllRanks(int ranks, int pairs)
    {
        RankTraining run = new() { Pairs = pairs, Weighted = true };
        RankResult one = (run with { BatchSize = 2 * ranks }).On(1)[0];

        RankResult[] together = run.On(ranks);

        together[0].DistanceTo(one).Should().BeLessThan(SameTraining);
        together[0].DistanceTo((run with { Weighted = false }).On(ranks)[0]).Should().BeGreaterThan(100 * SameTraining, "weights must act");
        foreach ((TrainingPoint ours, TrainingPoint theirs) in together[0].History.Zip(one.History))
        {
            foreach ((string name, double value) in ours.Metrics)
                value.Should().BeApproximately(theirs.Metrics[name], 1e-5, name);
        }
    }

    [Fact]
    public void Run_MixtureOfExperts_EqualsOneProcessThatAccumulates()
    {
        // the load-balancing loss is one of each forward pass, so that of ranks is that of accumulated passes
        RankTraining run = new() { Model = "model-moe/top2", Pairs = 21 };

        run.On(2)[0].DistanceTo((run with { AccumulationSteps = 2 }).On(1)[0]).Should().BeLessThan(SameTraining);
    }

    [Fact]
    public void Run_WithoutOverlap_GivesTheSameBytes() =>
        new RankTraining { SmallestExchange = null }.On(2)[0].Weights.Should().Equal(new RankTraining().On(2)[0].Weights);

    [Fact]
    public void Run_OneRankStops_AllStopAfterTheSameStepWithItsReason()
    {
        RankResult[] results = new RankTraining { Observers = rank => rank == 1 ? [new StopAt(3)] : [] }.On(3);

        results.Should().AllSatisfy(result => (result.Steps, result.StopReason).Should().Be((3, "enough")));
    }

    [Fact]
    public void Run_OneRankIsCancelled_AllAreCancelledAfterTheSameStep()
    {
        using CancellationTokenSource source = new();
        RankTraining run = new() { Observers = rank => rank == 1 ? [new StopAt(2, source)] : [], Cancellation = rank => rank == 1 ? source.Token : default };

        string[] messages = SharedMemory.Run(2, communicator =>
        {
            try
            {
                run.Run(communicator);
                return "ran to its end";
            }
            catch (TrainingCancelledException cancelled)
            {
                return cancelled.Message;
            }
        });

        messages.Should().Equal("Training was cancelled after step 2.", "Training was cancelled after step 2.");
    }

    [Fact]
    public void Run_RanksWithOtherWeights_AreRefusedBeforeTheFirstStep()
    {
        RankTraining run = new() { Observers = rank => rank == 1 ? [new Disturbance(), new ReplicaObserver()] : [new ReplicaObserver()] };

        Action train = () => run.On(2);

        train.Should().Throw<AggregateException>().WithInnerException<InvalidOperationException>()
            .WithMessage("The ranks hold different weights: 'model.norm.weight' (tensor * on rank 0 and * on rank 1.*");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Compute_ReferenceOnSeveralRanks_GivesEveryRankTheNumbersOfOne(int ranks)
    {
        IReadOnlyList<PreferenceExample> pairs = RandomPairs.Make(11, 512, seed: 3);
        int[][] groups = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10]];
        double[] Compute(ICommunicator communicator)
        {
            using MiniMindNetwork network = GoldenModels.Load(TestFiles.Golden("model-dense/tiny"));
            BatchOptions options = new(BatchShape.Packed, HeadOnResponseOnly: true, 40, 0, BalanceRealTokensOnly: false, ScalarType.Float32, long.MaxValue);
            PreferenceTask layout = new(network, new AbsentReference(), pairs, new(PreferenceLoss.Sigmoid(), 0.1, LogProbReduction.Mean), options);
            PrecomputedReference reference = PrecomputedReference.Compute(
                network, groups, layout.Build, ScalarType.Float32, long.MaxValue, communicator, default, new ForwardPasses());
            return [.. reference.Chosen, .. reference.Rejected];
        }

        double[] one = Compute(new SingleProcess());
        double[][] several = SharedMemory.Run(ranks, Compute);

        one.Should().OnlyContain(sum => sum < 0);
        several.Should().AllSatisfy(numbers => numbers.Should().Equal(one));
    }

    /// <summary>Ends the run, or cancels it, at a step.</summary>
    private sealed class StopAt(long at, CancellationTokenSource? source = null) : ITrainingObserver
    {
        public void Stepped(TrainingState state, StepResult step)
        {
            if (step.Step != at)
                return;
            if (source is null)
                state.StopReason = "enough";
            else
                source.Cancel();
        }
    }

    /// <summary>Changes one weight before the first step.</summary>
    private sealed class Disturbance : ITrainingObserver
    {
        public void Started(TrainingState state) => state.Parameters.Values[-1].add_(1e-6);
    }
}
