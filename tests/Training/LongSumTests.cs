using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using MiniMind.MLNet.Dpo.Training.Validation;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training;

/// <summary>
/// Log-probabilities of answers of up to 4,096 tokens, some 30,000 nats, against double precision from the hidden states on: 1e-4 nats wherever they are
/// added.
/// </summary>
public sealed class LongSumTests
{
    private const int Vocabulary = 1600, Tokens = 4096;
    private const double Tolerance = 1e-4; // nats; fp32 resolves 30,000 to 2e-3, and adds up to as many times that as there are tokens
    private static readonly (int, int)[] s_lengths = [(Tokens, Tokens - 1), (700, Tokens), (1, 300)];

    public static TheoryData<string, bool, bool, int> Heads()
    {
        TheoryData<string, bool, bool, int> heads = [];
        foreach (bool fused in new[] { false, true })
        {
            heads.Add(nameof(BatchShape.PaddedToMaximum), false, fused, 50_000);
            heads.Add(nameof(BatchShape.PaddedToLongest), true, fused, 5_000); // some pairs whole, some in parts
            heads.Add(nameof(BatchShape.Packed), true, fused, 333);
            heads.Add(nameof(BatchShape.PackedWithSharedPrefix), false, fused, 333);
        }
        return heads;
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void HeadPass_4096Tokens_IsDoublePrecisionForwardAndWithGradients(string shape, bool countedOnly, bool fused, int labels)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = Network(deviation: 0.2);
        PreferenceExample[] pairs = LongPairs.Make(Vocabulary, 3, s_lengths);
        BatchRows rows = BatchBuilder.Pairs(pairs, Enum.Parse<BatchShape>(shape), countedOnly, Tokens + LongPairs.Prompt, 0, balanceRealTokensOnly: false);
        DeviceBatch batch = new(rows, new ComputeMode(ScalarType.Float32, fused), CPU);
        using Generator random = new(6, CPU);
        Tensor hidden = randn([rows.InputIds.Length, 32], generator: random); // (N, hidden): logits of about 1
        double[] expected = Expected(network, hidden, rows);

        Tensor forward = HeadPass.Sums(network, hidden, batch, (long)labels * Vocabulary);
        Tensor trained = HeadPass.Gradient(network, hidden, batch, (long)labels * Vocabulary,
            new HeadLoss(sums => sums.sum().neg(), zeros_like(forward), GradientDirection.Fixed)).Sums;
        Tensor means = SequenceLogProbs.Reduce(forward, batch, LogProbReduction.Mean);

        double[] sums = [.. forward.data<double>()];
        Worst(sums, expected).Should().BeLessThan(Tolerance);
        trained.data<double>().ToArray().Should().Equal(sums, "what is compared in training must be added alike, to the last bit");
        for (int s = 0; s < expected.Length; s++)
            means[s].item<double>().Should().BeApproximately(expected[s] / rows.LossTokens[s], Tolerance / rows.LossTokens[s]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void EveryPath_4096Tokens_GivesTheSumsOfDoublePrecision(bool fused)
    {
        using DisposeScope scope = NewDisposeScope();
        using MiniMindNetwork network = Network(deviation: 0.05);
        SharedNetwork shared = new(network);
        PreferenceExample[] pairs = LongPairs.Make(Vocabulary, 4, (Tokens, Tokens - 700), (900, 40));
        Response[] sides = [.. pairs.Select(pair => pair.Chosen), .. pairs.Select(pair => pair.Rejected)];
        ComputeMode mode = new(ScalarType.Float32, fused);
        BatchOptions options = new(BatchShape.Packed, HeadOnResponseOnly: true, 0, 0, BalanceRealTokensOnly: true, mode, 500L * Vocabulary);
        double[] expected = Expected(network, sides);
        double counted = sides.Sum(side => side.LossTokens);
        using TemporaryFolder folder = new();
        int[][] groups = [[0, 1]];

        PrecomputedReference Compute() => PrecomputedReference.Compute(
            network, groups, group => BatchBuilder.Pairs([.. group.Select(i => pairs[i])], BatchShape.PackedWithSharedPrefix, true, 0, 0, false), mode,
                options.LogitsBudget, new SingleProcess(), default, new ForwardPasses());
        ReferenceCache cache = new(folder.Path, message => throw new InvalidOperationException(message));
        cache.GetOrCompute(new string('a', 64), 2, new SingleProcess(), Compute);
        PrecomputedReference reference = cache.GetOrCompute(
            new string('a', 64), 2, new SingleProcess(), () => throw new InvalidOperationException("it is kept"));
        Worst([.. reference.Chosen, .. reference.Rejected], expected).Should().BeLessThan(Tolerance, "that is the reference kept in a file");

        PreferenceTask task = new(network, reference, pairs, new(PreferenceLoss.Sigmoid(), 0.1, LogProbReduction.Sum), options);
        Tensor metrics = task.Accumulate(new DeviceBatch(task.Build([0, 1]), mode, CPU), [0, 1], 0.5);
        metrics[6].item<double>().Should().BeApproximately(expected[0] + expected[1], Tolerance, "that is what training reports of the chosen sides");
        metrics[7].item<double>().Should().BeApproximately(expected[2] + expected[3], Tolerance, "that is what training reports of the rejected sides");

        ScoringOptions scoring = new()
        {
            Beta = 0.1, Reduction = LogProbReduction.Sum, FusedKernels = fused, ReferenceFree = true, BatchSize = 2,
            MaxLogitsMegabytes = 4, Precision = ComputePrecision.Fp32, InputColumns = new(), ScoreColumns = new()
        };
        PairScores[] scores = new PairScorer(new ResponseScorer(shared, null, scoring), 0)
            .Score([.. pairs.Select(pair => pair.Chosen)], [.. pairs.Select(pair => pair.Rejected)], withRewards: true);
        Worst([.. scores.Select(score => score.Chosen.LogProb), .. scores.Select(score => score.Rejected.LogProb)], expected).Should()
            .BeLessThan(Tolerance, "that is scoring");
        for (int i = 0; i < 2; i++)
            scores[i].Margin.Should().BeApproximately(0.1 * (expected[i] - expected[2 + i]), 0.2 * Tolerance);

        PreferenceValidation validation = new(
            network, network, pairs, new PreferenceValidationOptions(
                new(PreferenceLoss.Sigmoid(), 0.1, LogProbReduction.Sum), 2, 0, 0, mode, options.LogitsBudget), new SingleProcess(), default,
                new ForwardPasses());
        validation.Measure(default)![MetricNames.ChosenLogProb].Should().BeApproximately((expected[0] + expected[1]) / 2, Tolerance, "that is an evaluation");

        SupervisedTask supervised = new(network, sides, new long[4], options);
        Tensor loss = supervised.Accumulate(new DeviceBatch(supervised.Build([0, 1, 2, 3]), mode, CPU), [0, 1, 2, 3], 1 / counted);
        loss[0].item<double>().Should().BeApproximately(-expected.Sum(), 4 * Tolerance, "that is supervised training's loss, added over its tokens");
        SupervisedValidation heldOut = new(network, sides, [[0, 1, 2, 3]], mode, options.LogitsBudget, new SingleProcess(), new ForwardPasses());
        heldOut.Measure(default)![MetricNames.Loss].Should()
            .BeApproximately(-expected.Sum() / counted, 4 * Tolerance / counted, "that is supervised training's evaluation");
    }

    private static double Worst(double[] actual, double[] expected) => actual.Zip(expected, (ours, exact) => Math.Abs(ours - exact)).Max();

    private static double[] Expected(MiniMindNetwork network, Response[] sides)
    {
        using IDisposable noGradient = no_grad();
        return [.. sides.SelectMany(side =>
        {
            using DisposeScope scope = NewDisposeScope();
            BatchRows rows = BatchBuilder.Responses([side], BatchShape.PaddedToLongest, headOnResponseOnly: true, 0, 0, balanceRealTokensOnly: false);
            DeviceBatch batch = new(rows, new ComputeMode(ScalarType.Float32, false), CPU);
            return Expected(network, network.Forward(batch.InputIds, batch.Layout, training: false, batch.Mode).Hidden, rows);
        })];
    }

    /// <summary>Logits, log-softmax and sums in double precision, label by label.</summary>
    private static double[] Expected(MiniMindNetwork network, Tensor hidden, BatchRows rows)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor weight = network.HeadWeight.to(ScalarType.Float64).t(); // (hidden, V)
        double[] sums = new double[rows.SequenceCount];
        for (int start = 0; start < rows.Labels.Length; start += 1024)
        {
            using DisposeScope inner = NewDisposeScope();
            int count = Math.Min(1024, rows.Labels.Length - start);
            Tensor taken = hidden.index_select(0, tensor(rows.Rows.AsSpan(start, count).ToArray())).to(ScalarType.Float64); // (m, hidden)
            double[] each = [.. taken.mm(weight).log_softmax(1).gather(1, tensor(rows.Labels.AsSpan(start, count).ToArray()).unsqueeze(1)).squeeze(
                1).data<double>()];
            for (int i = 0; i < count; i++)
                sums[rows.SequenceOf[start + i]] += each[i] * (rows.Weights?[start + i] ?? 1);
        }
        return sums;
    }

    private static MiniMindNetwork Network(double deviation)
    {
        MiniMindNetwork network = new(new ModelConfig
        {
            VocabularySize = Vocabulary, HiddenSize = 32, LayerCount = 1, HeadCount = 2, KeyValueHeadCount = 1, MaxPositions = Tokens + 2 * LongPairs.Prompt,
        });
        using Generator random = new(4, CPU);
        network.Initialize(random, deviation);
        return network;
    }
}
