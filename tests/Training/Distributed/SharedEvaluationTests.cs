using Microsoft.ML;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Validation;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Distributed;

/// <summary>Evaluations are divided among ranks: each runs its part of the rows, and all get what one process gets.</summary>
public sealed class SharedEvaluationTests
{
    private const int Pairs = 71; // whole turns of 16 rows and a part of one

    [Fact]
    public void Evaluate_ThreeRanks_EachScoresItsPartAndAllGetTheWhole()
    {
        (PreferenceMetrics Metrics, int Rows) one = Score(new SingleProcess(), Pairs);

        (PreferenceMetrics Metrics, int Rows)[] ranks = SharedMemory.Run(3, communicator => Score(communicator, Pairs));

        ranks.Sum(rank => rank.Rows).Should().Be(one.Rows);
        ranks.Should().AllSatisfy(rank => rank.Rows.Should().BeInRange(one.Rows / 6, one.Rows / 2));
        ranks.Should().AllSatisfy(rank => rank.Metrics.Should().BeEquivalentTo(ranks[0].Metrics));
        ranks[0].Metrics.Should().BeEquivalentTo(one.Metrics,
            close => close.Using<double>(value => value.Subject.Should().BeApproximately(value.Expectation, 1e-6)).WhenTypeIs<double>());
        one.Metrics.Count.Should().Be(Pairs);
    }

    [Fact]
    public void Evaluate_RanksWithOtherData_SaysSoOnEveryRank()
    {
        string[] errors = SharedMemory.Run(2, communicator =>
        {
            try
            {
                return Score(communicator, Pairs + communicator.Rank).Metrics.ToString();
            }
            catch (InvalidOperationException error)
            {
                return error.Message;
            }
        });

        errors.Should().AllSatisfy(error => error.Should().Contain("Pairs to evaluate is 71 on rank 0 and 72 on rank 1"));
    }

    [Fact]
    public void Measure_ThreeRanks_EachRunsItsPartOfPolicyAndReference()
    {
        (int Policy, int Reference) Rows(ICommunicator communicator)
        {
            using MiniMindNetwork policy = GoldenModels.Load(TestFiles.Golden("model-dense/tiny")),
                reference = GoldenModels.Load(TestFiles.Golden("model-dense/tiny"));
            RowCount ours = new(policy), theirs = new(reference);
            PreferenceValidationOptions options = new(new(PreferenceLoss.Sigmoid(), 0.1, LogProbReduction.Mean), BatchSize: 2, RowBudget: 0, KlPairs: 0,
                ScalarType.Float32, long.MaxValue);
            PreferenceValidation validation = new(policy, reference, RandomPairs.Make(24, 512, seed: 3), options, communicator, default, new ForwardPasses());
            validation.Measure(default).Should().NotBeNull();
            return (ours.Rows, theirs.Rows);
        }
        (int Policy, int Reference) one = Rows(new SingleProcess());

        (int Policy, int Reference)[] ranks = SharedMemory.Run(3, Rows);

        (ranks.Sum(rank => rank.Policy), ranks.Sum(rank => rank.Reference)).Should().Be(one);
        ranks.Should().AllSatisfy(rank => Math.Max(rank.Policy, rank.Reference).Should().BeLessThan(one.Policy / 2));
    }

    private static (PreferenceMetrics Metrics, int Rows) Score(ICommunicator communicator, int pairs)
    {
        MLContext context = new(seed: 1);
        PretrainedModel model = SmallModel.Create(), other = SmallModel.Create(seed: 2);
        ScoringOptions options = new()
        {
            Beta = 0.5, Reduction = LogProbReduction.Mean, BatchSize = 8, MaxLogitsMegabytes = 64, Precision = ComputePrecision.Fp32, ReferenceFree = false,
            InputColumns = new PairColumns(), ScoreColumns = new ScoreColumns(),
        };
        TrainingSummary untrained = new()
        {
            Examples = 0, Skipped = [], BadRows = null, Steps = 0, History = [], Elapsed = default,
            Precision = ComputePrecision.Fp32, Device = "cpu"
        };
        using DpoTransformer scorer = new(model.Network, other.Network, model.Tokenizer, model.ChatTemplate, options, untrained);
        RowCount rows = new(model.Network.Network);
        PreferenceMetrics metrics = context.Preferences.Evaluate(scorer.Transform(SmallModel.Pairs(context, pairs)), communicator);
        return (metrics, rows.Rows);
    }
}
