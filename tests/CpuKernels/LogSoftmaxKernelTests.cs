using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests;

public sealed class LogSoftmaxKernelTests
{
    private const string Roundings = "powers within 2 ulp, a sum and a logarithm come to less than ten roundings of 2^-23";
    private const long Rows = 9; // two blocks and a row

    [Theory]
    [InlineData(1, false)]
    [InlineData(7, false)]
    [InlineData(16, false)]
    [InlineData(33, false)]
    [InlineData(48, false)]
    [InlineData(97, false)]
    [InlineData(6400, false)]
    [InlineData(33, true)]
    [InlineData(97, true)]
    [InlineData(6400, true)]
    public void Forward_AnyVocabulary_GivesExactLogProbs(int vocabulary, bool bf16)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor logits, Tensor labels, _) = Inputs(vocabulary, bf16);

        (Tensor logProbs, Tensor logSums) = LogSoftmaxKernel.Forward(logits, labels);

        Tensor exact = logits.to(ScalarType.Float64);
        (logProbs.to(ScalarType.Float64) - LogProbs(exact, labels)).abs().max().ToDouble().Should().BeLessThan(5e-6, "{0}, of numbers up to 20", Roundings);
        logSums.ShouldRound(exact.logsumexp(1), 1e-6, Roundings);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(7, false)]
    [InlineData(16, false)]
    [InlineData(33, false)]
    [InlineData(48, false)]
    [InlineData(97, false)]
    [InlineData(6400, false)]
    [InlineData(33, true)]
    [InlineData(97, true)]
    [InlineData(6400, true)]
    public void BackwardInPlace_AnyVocabulary_LeavesAutogradsGradient(int vocabulary, bool bf16)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor logits, Tensor labels, Tensor gradient) = Inputs(vocabulary, bf16);
        Tensor exact = logits.Exact(), logSums = LogSoftmaxKernel.Forward(logits, labels).LogSums;
        LogProbs(exact, labels).backward([gradient.to(ScalarType.Float64)]);

        LogSoftmaxKernel.BackwardInPlace(logits, labels, logSums, gradient);

        Tensor beyond = (logits.to(ScalarType.Float64) - exact.grad!).abs() - exact.grad!.abs() * (bf16 ? 1.0 / 256 : 0);
        beyond.max().ToDouble().Should().BeLessThan(1e-5, "a logarithm of 10 is rounded by 10 / 2^24, which its power multiplies; gradients reach 3");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void BothPasses_LargeLogits_AreFiniteAndExact(bool bf16)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor logits, Tensor labels, Tensor gradient) = Inputs(37, bf16);
        logits.sign_().mul_(1e4); // some twenty share the largest
        Tensor exact = logits.Exact(), expected = LogProbs(exact, labels);
        expected.backward([gradient.to(ScalarType.Float64)]);

        (Tensor logProbs, Tensor logSums) = LogSoftmaxKernel.Forward(logits, labels);
        LogSoftmaxKernel.BackwardInPlace(logits, labels, logSums, gradient);

        double rounding = 1e4 / (1 << 24) * 2; // of a logarithm near 1e4, and of a difference from it
        (logProbs.to(ScalarType.Float64) - expected).abs().max().ToDouble().Should().BeLessThan(rounding);
        Tensor beyond = (logits.to(ScalarType.Float64) - exact.grad!).abs() - exact.grad!.abs() * (bf16 ? 1.0 / 256 : 0);
        beyond.max().ToDouble().Should().BeLessThan(rounding * gradient.abs().max().ToDouble(), "the power multiplies the logarithm's rounding");
    }

    [Fact]
    public void BothPasses_LogitOfMinusInfinity_HasNoShare()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = zeros(1, 19), labels = zeros(1, ScalarType.Int64);
        foreach (int place in new[] { 2, 18 })
            logits[0, place] = float.NegativeInfinity;

        (Tensor logProbs, Tensor logSums) = LogSoftmaxKernel.Forward(logits, labels);
        LogSoftmaxKernel.BackwardInPlace(logits, labels, logSums, ones(1));

        logProbs.ToDouble().Should().BeApproximately(-Math.Log(17), 1e-6);
        foreach (int place in new[] { 2, 18 })
            logits[0, place].ToDouble().Should().Be(0);
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(33, false)]
    [InlineData(-100, true)]
    [InlineData(long.MaxValue, true)]
    public void BothPasses_LabelOutOfRange_ThrowAndDoNotWrite(long label, bool bf16)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor memory = zeros(3, 33, dtype: bf16 ? ScalarType.BFloat16 : ScalarType.Float32), logits = memory.narrow(0, 1, 1),
            labels = full([1], label, ScalarType.Int64);

        Action forward = () => LogSoftmaxKernel.Forward(logits, labels), backward = () => LogSoftmaxKernel.BackwardInPlace(logits, labels, ones(1), ones(1));

        forward.Should().Throw<IndexOutOfRangeException>().WithMessage($"*{label}*33*");
        backward.Should().Throw<IndexOutOfRangeException>().WithMessage($"*{label}*33*");
        memory.count_nonzero().item<long>().Should().Be(0);
    }

    private static Tensor LogProbs(Tensor logits, Tensor labels) => logits.log_softmax(1).gather(1, labels.unsqueeze(1)).squeeze(1); // (M)

    private static (Tensor Logits, Tensor Labels, Tensor Gradient) Inputs(int vocabulary, bool bf16)
    {
        using Generator random = new(9);
        Tensor logits = random.Normal(bf16 ? ScalarType.BFloat16 : ScalarType.Float32, Rows, vocabulary).mul_(3);
        return (logits, randint(vocabulary, [Rows], ScalarType.Int64, generator: random), randn([Rows], generator: random));
    }
}
