using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training;

/// <summary>What a pass takes, by which budgets and orders go, is what is laid out.</summary>
public sealed class TaskRowsTests
{
    public static TheoryData<string, int[]> Passes()
    {
        TheoryData<string, int[]> passes = [];
        foreach (string shape in Enum.GetNames<BatchShape>())
        {
            foreach (int[] examples in new int[][] { [4], [2, 0], [0, 1, 2, 3, 4, 5, 6, 7] })
                passes.Add(shape, examples);
        }
        return passes;
    }

    [Theory]
    [MemberData(nameof(Passes))]
    public void Rows_OfPairs_AreThoseOfTheBuiltBatch(string shape, int[] examples)
    {
        using MiniMindNetwork network = new(GoldenModels.Config(TestFiles.Golden("model-dense/tiny")));
        PreferenceTask task = new(network, new AbsentReference(), RandomPairs.Make(8, 512, seed: 1), new(PreferenceLoss.Sigmoid(), 0.1, LogProbReduction.Mean),
            Options(shape));

        task.Rows(examples).Should().Be(task.Build(examples).InputIds.Length);
    }

    [Theory]
    [MemberData(nameof(Passes))]
    public void Rows_OfConversations_AreThoseOfTheBuiltBatch(string shape, int[] examples)
    {
        using MiniMindNetwork network = new(GoldenModels.Config(TestFiles.Golden("model-dense/tiny")));
        SupervisedTask task = new(network, [.. RandomPairs.Make(8, 512, seed: 1).Select(pair => pair.Chosen)], new long[8], Options(shape));

        task.Rows(examples).Should().Be(task.Build(examples).InputIds.Length);
    }

    [Theory]
    [MemberData(nameof(Passes))]
    public void Rows_OfAnswers_AreThoseOfTheBuiltBatch(string shape, int[] examples)
    {
        using MiniMindNetwork network = new(GoldenModels.Config(TestFiles.Golden("model-dense/tiny")));
        IReadOnlyList<FeedbackExample> rows = FeedbackRows.Make(8, 512, seed: 1);
        BatchOptions options = Options(shape);
        BaselineEstimate baseline = new(rows, options, part => [[.. Enumerable.Range(0, part.Count)]], new SingleProcess(), new ForwardPasses());
        using FeedbackTask task = new(network, network, rows, new FeedbackObjective(HasBaseline: true, 0.3, 1, 1), options, baseline);

        task.Rows(examples).Should().Be(task.Build(examples).InputIds.Length);
        task.Tokens(1).Should().Be(rows[1].Response.InputIds.Length);
    }

    [Fact]
    public void Tokens_OfAPair_AreThoseOfBothSides()
    {
        using MiniMindNetwork network = new(GoldenModels.Config(TestFiles.Golden("model-dense/tiny")));
        IReadOnlyList<PreferenceExample> pairs = RandomPairs.Make(8, 512, seed: 1);
        PreferenceTask task = new(network, new AbsentReference(), pairs, new(PreferenceLoss.Sigmoid(), 0.1, LogProbReduction.Mean), Options("Packed"));

        task.Tokens(1).Should().Be(pairs[1].Chosen.InputIds.Length + pairs[1].Rejected.InputIds.Length);
    }

    private static BatchOptions Options(string shape) =>
        new(Enum.Parse<BatchShape>(shape), HeadOnResponseOnly: true, 40, 0, BalanceRealTokensOnly: true, ScalarType.Float32, long.MaxValue);
}
