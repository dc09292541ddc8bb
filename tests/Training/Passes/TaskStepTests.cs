using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Passes;

/// <summary>What a task's pass returns belongs together: its gradient is that of its loss, and its sums are those of the answers.</summary>
public sealed class TaskStepTests
{
    private const int Vocabulary = 64, Count = 5;

    private static readonly int[] s_all = [.. Enumerable.Range(0, Count)];

    private static readonly BatchOptions s_options = new(
        BatchShape.Packed, HeadOnResponseOnly: true, 40, 0, BalanceRealTokensOnly: true, ScalarType.Float32, long.MaxValue);

    // a load-balancing loss of about the size of the other one
    private static readonly ExpertsConfig s_experts = new() { Count = 3, PerToken = 2, IntermediateSize = 24, AuxLossCoefficient = 5 };

    public static TheoryData<string, bool> Tasks => new()
    {
        { "supervised", false }, { "supervised", true }, { "preference", false }, { "preference", true }, { "feedback", false }, { "feedback", true },
    };

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Accumulate_AnyTask_AddsTheGradientOfItsLoss(string kind, bool hasExperts)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork policy = Network(4, hasExperts), reference = Network(5, hasExperts);
        using FlatParameters parameters = new(policy.named_parameters().Select(p => (p.name, p.parameter)));
        ITrainingTask task = Task(kind, policy, reference);
        task.BeginStep(s_all);
        double scale = 1 / task.Weight(s_all);
        double Loss() => scale * Sums(task, scale)[0];

        Loss();
        Tensor gradient = parameters.Gradients.clone();
        double norm = gradient.norm().item<float>();
        double step = 1e-4 / norm; // so small that no token goes to another expert
        Tensor start = parameters.Values.clone();
        double At(double factor)
        {
            using (no_grad())
                parameters.Values.copy_(start + gradient * factor);
            return Loss();
        }

        // along its gradient a loss rises by the square of the norm
        ((At(step) - At(-step)) / (2 * step)).Should().BeApproximately(norm * norm, 0.02 * norm * norm);
    }

    [Fact]
    public void Accumulate_Supervised_SumsTheLossAndTheBalanceOfEveryToken()
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = Network(4, hasExperts: true);
        ITrainingTask task = Task("supervised", network, network);

        double[] sums = Sums(task, 1);

        sums[1].Should().BeGreaterThan(task.Weight(s_all), "the mean is some units");
        sums[0].Should().BeGreaterThan(sums[1]);
    }

    [Fact]
    public void Accumulate_Preference_SumsWhatPairsHaveByTheirWeights()
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork policy = Network(4, hasExperts: true), reference = Network(5, hasExperts: true);

        double[] plain = Sums(Task("preference", policy, reference), 1), twice = Sums(Task("preference", policy, reference, weight: 2), 1);

        plain[5].Should().BeApproximately(plain[2] - plain[3], 1e-6, "a margin is what the chosen side has more");
        Math.Abs(plain[3]).Should().BeGreaterThan(1e-3);
        for (int i = 0; i < plain.Length; i++)
            twice[i].Should().BeApproximately(2 * plain[i], 1e-4 * Math.Abs(plain[i]), $"sum {i} counts a pair of weight 2 twice");
    }

    [Theory]
    [InlineData(LogProbReduction.Sum)]
    [InlineData(LogProbReduction.Mean)]
    public void Accumulate_PreferenceWithOneOffset_MovesTheLossOfThatPairAlone(LogProbReduction reduction)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork policy = Network(4, hasExperts: false), same = Network(4, hasExperts: false);
        IReadOnlyList<PreferenceExample> pairs = RandomPairs.Make(Count, Vocabulary, seed: 9);
        PreferenceObjective objective = new(PreferenceLoss.Sigmoid(), 0.3, reduction, PreferenceMargin.Plain());
        double Loss(double offset) => Sums(new PreferenceTask(policy, new LiveReference(same, long.MaxValue),
            [.. pairs.Select((pair, i) => i == 3 ? pair with { Offset = offset } : pair)], objective, s_options), 1)[0];

        Loss(0).Should().BeApproximately(Count * Math.Log(2), 1e-5, "the policy is the reference");
        Loss(2).Should().BeApproximately((Count - 1) * Math.Log(2) + Math.Log(1 + Math.Exp(2)), 1e-5);
    }

    [Fact]
    public void Build_PairsWithoutWeights_HaveNoneForTheirRows()
    {
        using MiniMindNetwork network = Network(4, hasExperts: true), dense = Network(4, hasExperts: false);

        Task("preference", network, network).Build(s_all).TokenWeights.Should().BeNull();
        Task("preference", dense, dense, weight: 2).Build(s_all).TokenWeights.Should().BeNull("nothing balances experts");
        Task("preference", network, network, weight: 2).Build(s_all).TokenWeights.Should().OnlyContain(weight => weight == 2);
    }

    [Fact]
    public void Accumulate_Feedback_SumsGoodAndBadAnswersByThemselves()
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork policy = Network(4, hasExperts: true), reference = Network(5, hasExperts: true);
        FeedbackExample[] rows = Rows();
        ITrainingTask task = Task("feedback", policy, reference);
        DeviceBatch batch = new(task.Build(s_all), ScalarType.Float32, CPU);
        double[] ours = Sums(NetworkScorer.Sums(policy, batch, long.MaxValue)), theirs = Sums(NetworkScorer.Sums(reference, batch, long.MaxValue));
        task.BeginStep(s_all);

        double[] sums = Sums(task, 1);

        double Of(bool isGood, Func<int, double> value) => s_all.Where(i => rows[i].IsGood == isGood).Sum(value);
        sums[1].Should().BeGreaterThan(Count, "the mean of the load-balancing loss is some units");
        sums[2].Should().BeApproximately(Of(true, i => 0.3 * (ours[i] - theirs[i])), 1e-4);
        sums[3].Should().BeApproximately(Of(false, i => 0.3 * (ours[i] - theirs[i])), 1e-4);
        sums[5].Should().BeApproximately(Of(true, i => ours[i]), 1e-4);
        sums[6].Should().BeApproximately(Of(false, i => ours[i]), 1e-4);
        sums[7].Should().Be(rows.Count(row => row.IsGood));
    }

    [Fact]
    public void Accumulate_FeedbackOfThePolicyAsReference_CountsTiesHalf()
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork policy = Network(4, hasExperts: false), same = Network(4, hasExperts: false);
        ITrainingTask task = Task("feedback", policy, same);
        task.BeginStep(s_all);

        Sums(task, 1)[4].Should().Be(Count / 2.0);
    }

    [Theory]
    [InlineData("supervised", "conversation 1")]
    [InlineData("preference", "pair 1")]
    [InlineData("feedback", "answer 1")]
    public void Describe_Row_NamesItsLineOrItsPlace(string kind, string place)
    {
        using MiniMindNetwork network = Network(4, hasExperts: false);

        Task(kind, network, network, firstLine: 7).Describe(1).Should().Be("line 8");
        Task(kind, network, network, firstLine: 0).Describe(1).Should().Be("line 1");
        Task(kind, network, network, firstLine: -1).Describe(1).Should().Be(place, "no line is 0");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Baseline_SeveralRanks_HasTheSumOfAll(int ranks)
    {
        double Baseline(ICommunicator communicator)
        {
            using DisposeScope scope = NewDisposeScope();
            using MiniMindNetwork policy = Network(4, hasExperts: false), reference = Network(5, hasExperts: false);
            using FeedbackTask task = Feedback(policy, reference, Rows(), communicator);
            task.BeginStep(s_all);
            return task.Baseline!.item<double>();
        }
        double one = Baseline(new SingleProcess());

        double[] together = SharedMemory.Run(ranks, Baseline);

        one.Should().BeGreaterThan(0.01, "a baseline of 0 shows nothing");
        together.Should().AllSatisfy(baseline => baseline.Should().BeApproximately(one, 1e-5)).And.AllBeEquivalentTo(together[0]);
    }

    private static ITrainingTask Task(string kind, MiniMindNetwork policy, MiniMindNetwork reference, double weight = 1, long firstLine = 1)
    {
        PreferenceExample[] pairs = [.. RandomPairs.Make(Count, Vocabulary, seed: 9)
            .Select((pair, i) => pair with { Weight = weight, Line = Math.Max(0, firstLine + i) })];
        return kind switch
        {
            "supervised" => new SupervisedTask(policy, [.. pairs.Select(pair => pair.Chosen)], [.. pairs.Select(pair => pair.Line)], s_options),
            "preference" => new PreferenceTask(
                policy, new LiveReference(reference, long.MaxValue), pairs, new(PreferenceLoss.Sigmoid(), 0.3, LogProbReduction.Sum), s_options),
            _ => Feedback(policy, reference, Rows(firstLine), new SingleProcess()),
        };
    }

    private static FeedbackTask Feedback(MiniMindNetwork policy, MiniMindNetwork reference, FeedbackExample[] rows, ICommunicator communicator) =>
        new(policy, reference, rows, new FeedbackObjective(HasBaseline: true, 0.3, 1, 1.5), s_options,
            new BaselineEstimate(rows, s_options, part => [.. Enumerable.Range(0, part.Count).Chunk(2)], communicator, new ForwardPasses()));

    private static FeedbackExample[] Rows(long firstLine = 1) =>
        [.. FeedbackRows.Make(Count, Vocabulary, seed: 9).Select((row, i) => row with { Line = Math.Max(0, firstLine + i) })];

    private static double[] Sums(ITrainingTask task, double scale)
    {
        using DisposeScope scope = NewDisposeScope();
        return Sums(task.Accumulate(new DeviceBatch(task.Build(s_all), ScalarType.Float32, CPU), s_all, scale));
    }

    private static double[] Sums(Tensor sums) => sums.data<double>().ToArray();

    private static MiniMindNetwork Network(ulong seed, bool hasExperts)
    {
        MiniMindNetwork network = new(new ModelConfig
        {
            VocabularySize = Vocabulary, HiddenSize = 32, LayerCount = 2, HeadCount = 2, KeyValueHeadCount = 1, MaxPositions = 64,
            Experts = hasExperts ? s_experts : null,
        });
        using Generator random = new(seed, CPU);
        network.Initialize(random, deviation: 0.1);
        return network;
    }
}
