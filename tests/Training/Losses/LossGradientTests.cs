using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>
/// The gradient of a training step by every weight of a tiny model against differences of losses in double precision, the formulas written out here.
/// </summary>
public sealed class LossGradientTests
{
    private const int Vocabulary = 11, Pairs = 3;
    private const double Step = 1e-5, Tolerance = 1e-4; // the step computes in fp32
    private const double Beta = 0.5;

    private static readonly ModelConfig s_config = new()
    {
        VocabularySize = Vocabulary, HiddenSize = 8, LayerCount = 1, HeadCount = 2, KeyValueHeadCount = 1, IntermediateSize = 12, MaxPositions = 64,
    };

    // what a formula may not differentiate (WPO's weights, BCO's shift) it takes from the pairs as they are at the start
    private static readonly Dictionary<string,
        (PreferenceLoss Loss, LogProbReduction Reduction, Func<(ScoredSide W, ScoredSide L)[], (ScoredSide W, ScoredSide L)[], double> Mean)> s_cases = new()
        {
            ["sigmoid of means"] = (PreferenceLoss.Sigmoid(), LogProbReduction.Mean,
            (pairs, _) => pairs.Average(p => Softplus(-Beta * (p.W.MeanRatio - p.L.MeanRatio)))),
            ["hinge"] = (PreferenceLoss.Hinge(), LogProbReduction.Sum, (pairs, _) => pairs.Average(p => Math.Max(0, 1 - Beta * (p.W.Ratio - p.L.Ratio)))),
            ["APO zero"] = (PreferenceLoss.ApoZero(), LogProbReduction.Sum,
            (pairs, _) => pairs.Average(p => 1 - Sigmoid(Beta * p.W.Ratio) + Sigmoid(Beta * p.L.Ratio))),
            ["Jensen-Shannon"] = (PreferenceLoss.JensenShannon(), LogProbReduction.Sum,
            (pairs, _) => pairs.Average(p => Softplus(-Beta * (Softplus(-p.L.Ratio) - Softplus(-p.W.Ratio))))),
            ["ORPO"] = (PreferenceLoss.Orpo(), LogProbReduction.Mean,
            (pairs, _) => pairs.Average(p => -p.W.Mean + Beta * Softplus(LogOdds(p.L.Mean) - LogOdds(p.W.Mean)))),
            ["SimPO"] = (PreferenceLoss.SimPO(), LogProbReduction.Mean, (pairs, _) => pairs.Average(p => Softplus(-Beta * (p.W.Mean - p.L.Mean - 0.5)))),
            ["mixture"] = (PreferenceLoss.Mix((0.8, PreferenceLoss.Sigmoid()), (0.2, PreferenceLoss.NegativeLogLikelihood())), LogProbReduction.Sum,
            (pairs, _) => pairs.Average(p => 0.8 * Softplus(-Beta * (p.W.Ratio - p.L.Ratio)) - 0.2 * p.W.Mean)),
            ["LD-DPO"] = (PreferenceLoss.LengthDesensitized(), LogProbReduction.Sum, (pairs, _) => pairs.Average(p =>
            {
                int head = Math.Min(p.W.Policy.Length, p.L.Policy.Length);
                return Softplus(-Beta * (p.W.RatioWithHalfTail(head) - p.L.RatioWithHalfTail(head)));
            })),
            ["WPO"] = (PreferenceLoss.Wpo(), LogProbReduction.Sum, (pairs, start) => pairs.Zip(start, (p, s) =>
                Math.Min(1, Math.Exp(s.W.Likelihood + s.L.Likelihood)) * Softplus(-Beta * (p.W.Ratio - p.L.Ratio))).Average()),
            ["WPO of LD-DPO with likelihood"] = (
            PreferenceLoss.Mix((1, PreferenceLoss.Wpo(PreferenceLoss.LengthDesensitized(0.5))), (0.3, PreferenceLoss.NegativeLogLikelihood())),
                LogProbReduction.Sum,
            (pairs, start) => pairs.Zip(start, (p, s) =>
            {
                int head = Math.Min(p.W.Policy.Length, p.L.Policy.Length);
                double loss = Softplus(-Beta * (p.W.RatioWithHalfTail(head) - p.L.RatioWithHalfTail(head)));
                return Math.Min(1, Math.Exp(s.W.Likelihood + s.L.Likelihood)) * loss - 0.3 * p.W.Mean;
            }).Average()),
            ["BCO, centered"] = (PreferenceLoss.Bco(centered: true), LogProbReduction.Sum, (pairs, start) =>
            {
                double shift = Beta * start.Average(s => (s.W.Ratio + s.L.Ratio) / 2);
                return pairs.Average(p => Softplus(-(Beta * p.W.Ratio - shift)) + Softplus(Beta * p.L.Ratio - shift));
            }
            ),
            ["AOT"] = (PreferenceLoss.Aot(), LogProbReduction.Sum, (pairs, _) =>
                pairs.Select(p => p.W.Sum - p.L.Sum).Order()
                    .Zip(pairs.Select(p => p.W.Reference.Sum() - p.L.Reference.Sum()).Order(), (ours, theirs) => Softplus(-Beta * (ours - theirs))).Average()),
            ["AOT, unpaired"] = (PreferenceLoss.AotUnpaired(), LogProbReduction.Sum, (pairs, _) =>
                pairs.Select(p => p.W.Ratio).Order().Zip(pairs.Select(p => p.L.Ratio).Order(), (a, b) => Softplus(-Beta * (a - b))).Average()),
        };

    public static TheoryData<string, bool> Cases()
    {
        TheoryData<string, bool> cases = [];
        foreach (string name in s_cases.Keys)
        {
            cases.Add(name, false);
            cases.Add(name, true);
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Accumulate_OfAStep_GivesTheLossAndItsDifferences(string name, bool inSlices)
    {
        using DisposeScope scope = NewDisposeScope();
        (PreferenceLoss loss, LogProbReduction reduction, Func<(ScoredSide, ScoredSide)[], (ScoredSide, ScoredSide)[], double> mean) = s_cases[name];
        using MiniMindNetwork policy = Network(seed: 4), reference = Network(seed: 5);
        IReadOnlyList<PreferenceExample> pairs = RandomPairs.Make(Pairs, Vocabulary, seed: 12, promptLength: 4, answerLength: 6);
        Dictionary<string, double[]> weights = Weights(policy);
        ScalarDecoder theirs = new(s_config, Weights(reference)), ours = new(s_config, weights);
        (ScoredSide, ScoredSide)[] Scored() => [.. pairs.Select(pair => (Side(pair.Chosen), Side(pair.Rejected)))];
        ScoredSide Side(Response response)
        {
            (double LogProb, double Collision)[] scores = ours.Score(response);
            return new ScoredSide([.. scores.Select(s => s.LogProb)], [.. theirs.Score(response).Select(s => s.LogProb)], [.. scores.Select(s => s.Collision)]);
        }
        (ScoredSide, ScoredSide)[] start = Scored();

        (Dictionary<string, double[]> gradients, double value) = Gradients(policy, reference, pairs, new PreferenceObjective(loss, Beta, reduction), inSlices
            ? Vocabulary : long.MaxValue);

        value.Should().BeApproximately(mean(start, start), 1e-5);
        double error = 0, size = 0;
        foreach ((string weight, double[] values) in weights)
        {
            for (int i = 0; i < values.Length; i++)
            {
                double before = values[i];
                values[i] = before + Step;
                double above = mean(Scored(), start);
                values[i] = before - Step;
                double expected = (above - mean(Scored(), start)) / (2 * Step);
                values[i] = before;
                error += Math.Pow(gradients[weight][i] - expected, 2);
                size += expected * expected;
            }
        }
        Math.Sqrt(size).Should().BeGreaterThan(1e-2, "a gradient of nothing shows nothing");
        Math.Sqrt(error / size).Should().BeLessThan(Tolerance);
    }

    private static (Dictionary<string, double[]> Gradients, double Loss) Gradients(
        MiniMindNetwork policy, MiniMindNetwork reference, IReadOnlyList<PreferenceExample> pairs, PreferenceObjective objective, long budget)
    {
        using FlatParameters parameters = new(policy.named_parameters().Select(p => (p.name, p.parameter)));
        BatchOptions options = new(BatchShape.PackedWithSharedPrefix, HeadOnResponseOnly: true, 64, 0, BalanceRealTokensOnly: false, ScalarType.Float32,
            budget);
        PreferenceTask task = new(policy, new LiveReference(reference, budget), pairs, objective, options);
        int[] examples = [.. Enumerable.Range(0, pairs.Count)];
        double[] metrics = [.. task.Accumulate(new DeviceBatch(task.Build(examples), options.Mode, CPU), examples, 1.0 / pairs.Count).data<double>()];
        return (policy.named_parameters().ToDictionary(p => p.name, p => p.parameter.grad!.to(ScalarType.Float64).reshape(-1).data<double>().ToArray()),
            metrics[0] / pairs.Count);
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

    private static double Softplus(double x) => Math.Max(x, 0) + double.LogP1(Math.Exp(-Math.Abs(x)));

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double LogOdds(double mean) => mean - Math.Log(1 - Math.Exp(mean));
}
