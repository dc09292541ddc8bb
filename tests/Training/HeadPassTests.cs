using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Heads;
using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training;

/// <summary>The head's closed form against log-softmax, gather and autograd of the same loss in double precision.</summary>
public sealed class HeadPassTests
{
    private const int Vocabulary = 96, HiddenSize = 32, PairCount = 5;
    private const double Beta = 0.7, Scale = 1.0 / PairCount;

    /// <summary>
    /// Labels of a slice at most: all, some pairs (each has 4 to 20 that count, 8 to 44 in all), and fewer than any pair has; each with fused kernels and
    /// without.
    /// </summary>
    public static TheoryData<int, bool, bool> Slices()
    {
        TheoryData<int, bool, bool> slices = [];
        foreach (bool fused in new[] { false, true })
        {
            foreach ((int labels, bool countedOnly) in new[] { (int.MaxValue / Vocabulary, true), (int.MaxValue / Vocabulary, false), (24, true), (48, false),
                (3, true), (3, false) })
            {
                slices.Add(labels, countedOnly, fused);
            }
        }
        return slices;
    }

    [Theory]
    [MemberData(nameof(Slices))]
    public void Gradient_Fp32_IsAutogradsInDoublePrecision(int labels, bool countedOnly, bool fused)
    {
        using DisposeScope scope = NewDisposeScope();
        (MiniMindNetwork network, Tensor hidden, DeviceBatch batch, Tensor reference) = Make(new ComputeMode(ScalarType.Float32, fused), countedOnly);
        using MiniMindNetwork own = network;

        HeadGradient actual = HeadPass.Gradient(network, hidden, batch, (long)labels * Vocabulary, Loss(batch, reference));

        // single precision has 6e-8; sums over 96 tokens and 32 dimensions lose a few times that
        ShouldBeAutograds(actual, network, hidden, batch, reference, sums: 1e-6, gradients: 1e-5);
    }

    [Theory]
    [InlineData(int.MaxValue / Vocabulary, false)]
    [InlineData(int.MaxValue / Vocabulary, true)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public void Gradient_Bf16_IsAutogradsAsFarAsBf16Goes(int labels, bool fused)
    {
        using DisposeScope scope = NewDisposeScope();
        (MiniMindNetwork network, Tensor hidden, DeviceBatch batch, Tensor reference) = Make(new ComputeMode(ScalarType.BFloat16, fused), countedOnly: true);
        using MiniMindNetwork own = network;

        HeadGradient actual = HeadPass.Gradient(network, hidden, batch, (long)labels * Vocabulary, Loss(batch, reference));

        actual.Hidden.dtype.Should().Be(ScalarType.BFloat16);
        // bf16 rounds by up to 2^-9 = 2e-3, here the logits, the factors of both products and their results, each by itself; the sums see the logits' rounding
        // only, evened out over a response
        ShouldBeAutograds(actual, network, hidden, batch, reference, sums: 5e-4, gradients: 6e-3);
    }

    [Fact]
    public void Gradient_PairLargerThanASlice_IsRunInParts()
    {
        using DisposeScope scope = NewDisposeScope();
        (MiniMindNetwork network, _, DeviceBatch batch, _) = Make(ScalarType.Float32, countedOnly: true);
        using MiniMindNetwork own = network;

        LabelSlice.Of(batch.GroupLabels, 3).Should().OnlyContain(slice => slice.Group >= 0, "the comparisons with three labels in a slice must be about parts");
        LabelSlice.Of(batch.GroupLabels, 24).Should().OnlyContain(slice => slice.Group < 0, "those with 24 must be about whole pairs")
            .And.HaveCountGreaterThan(1);
    }

    [Fact]
    public void Gradient_AfterAnotherPass_AddsToTheWeightsGradient()
    {
        using DisposeScope scope = NewDisposeScope();
        (MiniMindNetwork network, Tensor hidden, DeviceBatch batch, Tensor reference) = Make(ScalarType.Float32, countedOnly: true);
        using MiniMindNetwork own = network;
        HeadPass.Gradient(network, hidden, batch, 24 * Vocabulary, Loss(batch, reference));
        Tensor once = network.HeadWeight.grad!.clone();

        HeadPass.Gradient(network, hidden, batch, 24 * Vocabulary, Loss(batch, reference));

        TensorAssertions.RelativeDistance(network.HeadWeight.grad!, once * 2).Should().BeLessThan(1e-6, "the second adds its rounding and nothing else");
    }

    private static void ShouldBeAutograds(HeadGradient actual, MiniMindNetwork network, Tensor hidden, DeviceBatch batch, Tensor reference, double sums,
        double gradients)
    {
        Tensor rows = hidden.to(ScalarType.Float64).requires_grad_(),
            weight = network.HeadWeight.detach().to(hidden.dtype).to(ScalarType.Float64).requires_grad_();
        Tensor logProbs = nn.functional.log_softmax(rows.index_select(0, batch.Rows).mm(weight.t()), 1).gather(1, batch.Labels.unsqueeze(1)).squeeze(1); // (M)
        Tensor counts = batch.Weights is null ? ones_like(logProbs) : batch.Weights.to(ScalarType.Float64); // (M)
        Tensor expected = zeros(2 * PairCount, ScalarType.Float64).index_add(0, batch.SequenceOf, logProbs * counts, 1); // (S)
        Tensor above = (expected - reference.to(ScalarType.Float64)) / batch.LossTokens.to(ScalarType.Float64); // (S)
        // eq. 7 of the DPO paper
        (nn.functional.logsigmoid((above.narrow(0, 0, PairCount) - above.narrow(0, PairCount, PairCount)) * Beta).sum() * -Scale).backward();

        TensorAssertions.RelativeDistance(actual.Sums, expected.detach()).Should().BeLessThan(sums);
        TensorAssertions.RelativeDistance(actual.Hidden, rows.grad!).Should().BeLessThan(gradients, "that is the hidden states' gradient");
        TensorAssertions.RelativeDistance(network.HeadWeight.grad!, weight.grad!).Should().BeLessThan(gradients, "that is the weight's gradient");
    }

    private static HeadLoss Loss(DeviceBatch batch, Tensor reference) => new(sums =>
    {
        // (S)
        Tensor policy = SequenceLogProbs.Reduce(sums, batch, LogProbReduction.Mean), theirs = SequenceLogProbs.Reduce(reference, batch, LogProbReduction.Mean);
        return new PreferenceObjective(PreferenceLoss.Sigmoid(), Beta, LogProbReduction.Mean)
            .Losses(new PairLogProbs(policy, theirs, batch.LossTokens)).sum() * Scale;
    }, reference, GradientDirection.Fixed);

    private static (MiniMindNetwork Network, Tensor Hidden, DeviceBatch Batch, Tensor Reference) Make(ComputeMode mode, bool countedOnly)
    {
        MiniMindNetwork network = new(new ModelConfig
        {
            VocabularySize = Vocabulary, HiddenSize = HiddenSize, LayerCount = 1, HeadCount = 2,
            KeyValueHeadCount = 1, MaxPositions = 64
        });
        using Generator random = new(4, CPU);
        network.Initialize(random, deviation: 0.2);
        BatchRows rows = BatchBuilder.Pairs(RandomPairs.Make(PairCount, Vocabulary, seed: 7), BatchShape.PackedWithSharedPrefix, countedOnly, 64, 0,
            balanceRealTokensOnly: false);
        Tensor hidden = randn([rows.InputIds.Length, HiddenSize], generator: random).to(mode.Type); // (N, hidden): logits of about 1
        Tensor reference = randn([2 * PairCount], generator: random).mul_(5).sub_(40); // (S): rewards that differ, so that losses lie to both sides of ln 2
        return (network, hidden, new DeviceBatch(rows, mode, CPU), reference);
    }
}
