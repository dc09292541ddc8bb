using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Training.Losses;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Feedback;

/// <summary>
/// A step on four answers against differences of losses in double precision: decoder, mismatched rows, baseline and formulas written out here.
/// </summary>
public sealed class FeedbackGradientTests
{
    private const int Vocabulary = 11;
    private const double Step = 1e-5, Tolerance = 1e-4; // the step computes in fp32
    private const double Beta = 0.3;

    private static readonly ModelConfig s_config = new()
    {
        VocabularySize = Vocabulary, HiddenSize = 8, LayerCount = 1, HeadCount = 2, KeyValueHeadCount = 1, IntermediateSize = 12, MaxPositions = 64,
    };

    private static readonly (int[] Prompt, int[] Answer)[] s_texts =
        [([3, 4], [5, 6, 2]), ([7], [8, 2]), ([9, 3, 5], [4, 4, 10, 2]), ([6, 8], [3, 9, 5, 7, 2])];

    private static readonly int[] s_giver = [3, 0, 1, 2]; // whose answer each prompt takes

    public static TheoryData<string, bool[], double, double, bool> Cases => new()
    {
        { "Kto", [true, false, false, true], 1, 1, false },
        { "Kto", [true, false, false, true], 1, 1, true },
        { "Kto", [true, false, true, true], 0.7, 2.5, false },
        { "Kto", [true, true, true, true], 1, 1, false },
        { "Kto", [false, false, false, false], 1, 1, true },
        { "ApoZeroUnpaired", [true, false, false, true], 1, 1, false },
        { "ApoZeroUnpaired", [true, false, true, true], 1.5, 0.5, true },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Accumulate_OfFourAnswers_GivesTheLossAndItsDifferences(string loss, bool[] isGood, double goodWeight, double badWeight, bool inSlices)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork policy = Network(seed: 4), reference = Network(seed: 5);
        Dictionary<string, double[]> weights = Weights(policy);
        ScalarDecoder theirs = new(s_config, Weights(reference)), ours = new(s_config, weights);
        double Ratio(int[] prompt, int[] answer)
        {
            Response response = FeedbackRows.Of(prompt, answer, true).Response;
            return ours.Score(response).Sum(score => score.LogProb) - theirs.Score(response).Sum(score => score.LogProb);
        }
        double z = loss == "Kto" ? Math.Max(0, s_texts.Select((text, i) => Ratio(text.Prompt, s_texts[s_giver[i]].Answer)).Average()) : 0;
        double Mean() => s_texts.Select((text, i) =>
        {
            double ratio = Ratio(text.Prompt, text.Answer);
            return isGood[i] ? goodWeight * (1 - Sigmoid(Beta * (ratio - z))) : badWeight * (1 - Sigmoid(Beta * (z - ratio)));
        }).Average();
        FeedbackExample[] rows = [.. s_texts.Select((text, i) => FeedbackRows.Of(text.Prompt, text.Answer, isGood[i]))];
        FeedbackObjective objective = new(loss == "Kto", Beta, goodWeight, badWeight);

        (Dictionary<string, double[]> gradients, IReadOnlyDictionary<string, double> metrics, double baseline) =
            Gradients(policy, reference, rows, objective, inSlices ? Vocabulary : long.MaxValue);

        if (loss == "Kto")
            z.Should().BeGreaterThan(0.1, "a baseline of 0 shows nothing");
        baseline.Should().BeApproximately(z, 1e-5);
        metrics[MetricNames.Loss].Should().BeApproximately(Mean(), 1e-5);
        ShouldTell(metrics, isGood, [.. s_texts.Select(text => Beta * Ratio(text.Prompt, text.Answer))], z, objective.HasBaseline);
        double error = 0, size = 0;
        foreach ((string weight, double[] values) in weights)
        {
            for (int i = 0; i < values.Length; i++)
            {
                double before = values[i];
                values[i] = before + Step;
                double above = Mean(); // z stays: no gradient goes through it
                values[i] = before - Step;
                double expected = (above - Mean()) / (2 * Step);
                values[i] = before;
                error += Math.Pow(gradients[weight][i] - expected, 2);
                size += expected * expected;
            }
        }
        Math.Sqrt(size).Should().BeGreaterThan(1e-2, "a gradient of nothing shows nothing");
        Math.Sqrt(error / size).Should().BeLessThan(Tolerance);
    }

    private static void ShouldTell(IReadOnlyDictionary<string, double> metrics, bool[] isGood, double[] rewards, double z, bool hasBaseline)
    {
        double[] good = [.. rewards.Where((_, i) => isGood[i])], bad = [.. rewards.Where((_, i) => !isGood[i])];
        Dictionary<string, double> expected = new()
        {
            [MetricNames.GoodShare] = good.Length / 4.0, [MetricNames.Accuracy] = rewards.Where((reward, i) => reward > 0 == isGood[i]).Count() / 4.0,
        };
        if (good.Length > 0)
            expected[MetricNames.ChosenReward] = good.Average();
        if (bad.Length > 0)
            expected[MetricNames.RejectedReward] = bad.Average();
        if (good.Length > 0 && bad.Length > 0)
            expected[MetricNames.Margin] = good.Average() - bad.Average();
        if (hasBaseline)
            expected[MetricNames.Baseline] = z;
        foreach ((string name, double value) in expected)
            metrics[name].Should().BeApproximately(value, 1e-5, name);
        metrics.Keys.Where(name => name.StartsWith("rewards/", StringComparison.Ordinal) || name == MetricNames.Baseline)
            .Should().BeSubsetOf(expected.Keys, "there is no mean of nothing");
    }

    private static (Dictionary<string, double[]> Gradients, IReadOnlyDictionary<string, double> Metrics, double Baseline) Gradients(
        MiniMindNetwork policy, MiniMindNetwork reference, IReadOnlyList<FeedbackExample> rows, FeedbackObjective objective, long budget)
    {
        using FlatParameters parameters = new(policy.named_parameters().Select(p => (p.name, p.parameter)));
        BatchOptions options = new(BatchShape.Packed, HeadOnResponseOnly: true, 64, 0, BalanceRealTokensOnly: false, ScalarType.Float32, budget);
        using FeedbackTask task = new(policy, reference, rows, objective, options,
            new BaselineEstimate(rows, options, part => [[.. Enumerable.Range(0, part.Count)]], new SingleProcess(), new ForwardPasses()));
        int[] examples = [0, 1, 2, 3];
        task.BeginStep(examples);
        double[] sums = [.. task.Accumulate(new DeviceBatch(task.Build(examples), options.Mode, CPU), examples, 1.0 / rows.Count).data<double>()];
        return (policy.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!.to(ScalarType.Float64).reshape(-1).data<double>().ToArray()),
            ((ITrainingTask)task).Averages(sums, rows.Count), task.Baseline?.item<double>() ?? 0);
    }

    private static MiniMindNetwork Network(ulong seed)
    {
        MiniMindNetwork network = new(s_config);
        using Generator random = new(seed, CPU);
        network.Initialize(random, deviation: 0.5);
        return network;
    }

    private static Dictionary<string, double[]> Weights(MiniMindNetwork network) =>
        network.named_parameters().ToDictionary(p => p.name, p => p.parameter.to(ScalarType.Float64).reshape(-1).data<double>().ToArray());

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
