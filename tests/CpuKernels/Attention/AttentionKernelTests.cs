using MiniMind.MLNet.Dpo.CpuKernels.Attention;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Attention;

public sealed unsafe class AttentionKernelTests
{
    private const string FewRoundings = "sums of a few hundred products and powers within 2 ulp come to some 25 roundings of 2^-23";
    private const string LargeRoundings = "a score of 80 nats is rounded by 80 / 2^24, and so is the probability that it is the power of";

    /// <summary>Head widths that are, and are not, multiples of 16; spans of one block, of several, and of so few rows that they go row by row.</summary>
    public static TheoryData<int, int, int> Spans
    {
        get
        {
            TheoryData<int, int, int> spans = [];
            foreach (int dim in new[] { 2, 8, 24, 32, 64, 96, 128 })
            {
                foreach ((int prefix, int own) in new[] { (0, 1), (0, 2), (700, 1), (1100, 2), (17, 3), (0, 20), (0, 37), (3, 48), (97, 49), (48, 96),
                    (300, 200) })
                {
                    spans.Add(dim, prefix, own);
                }
            }
            return spans;
        }
    }

    [Theory]
    [MemberData(nameof(Spans))]
    public void Forward_SmallScores_GivesExactOutputsAndLogSums(int dim, int prefix, int own)
    {
        using DisposeScope scope = NewDisposeScope();
        using AttentionRun run = new(dim, prefix, own);

        Distance(run.Result.Output, run.Exact.Output).Should().BeLessThan(3e-6, FewRoundings);
        Distance(run.Result.LogSums, run.Exact.LogSums).Should().BeLessThan(3e-6, FewRoundings);
    }

    [Theory]
    [MemberData(nameof(Spans))]
    public void Backward_SmallScores_AddsExactGradients(int dim, int prefix, int own)
    {
        using DisposeScope scope = NewDisposeScope();
        using AttentionRun run = new(dim, prefix, own);

        Distance(run.Result.Query, run.Exact.Query, run.Floor).Should().BeLessThan(3e-6, FewRoundings);
        Distance(run.Result.Key, run.Exact.Key, run.Floor).Should().BeLessThan(3e-6, FewRoundings);
        Distance(run.Result.Value, run.Exact.Value).Should().BeLessThan(3e-6, FewRoundings);
    }

    [Theory]
    [MemberData(nameof(Spans))]
    public void BothPasses_LargeScores_StayExact(int dim, int prefix, int own)
    {
        using DisposeScope scope = NewDisposeScope();
        using AttentionRun run = new(dim, prefix, own, 80);

        Distance(run.Result.Output, run.Exact.Output).Should().BeLessThan(3e-5, LargeRoundings);
        Distance(run.Result.LogSums, run.Exact.LogSums).Should().BeLessThan(3e-5, LargeRoundings);
        Distance(run.Result.Query, run.Exact.Query, run.Floor).Should().BeLessThan(3e-5, LargeRoundings);
        Distance(run.Result.Key, run.Exact.Key, run.Floor).Should().BeLessThan(3e-5, LargeRoundings);
        Distance(run.Result.Value, run.Exact.Value).Should().BeLessThan(3e-5, LargeRoundings);
    }

    [Theory]
    [MemberData(nameof(Spans))]
    public void BothPasses_RowsWiderThanAHead_WriteNothingBeside(int dim, int prefix, int own)
    {
        using DisposeScope scope = NewDisposeScope();
        using AttentionRun run = new(dim, prefix, own);

        run.LeavesTheRest().Should().BeTrue();
    }

    [Theory]
    [InlineData(24, 1)]
    [InlineData(24, 50)]
    [InlineData(32, 1)]
    [InlineData(32, 50)]
    public void Forward_NoLogSumsWanted_GivesTheSameOutput(int dim, int own)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(1);
        AttentionSpan span = new(0, own, 0, 0);
        Tensor rows = randn([own, dim], generator: random), with = empty_like(rows), without = empty_like(rows), logSums = empty(own),
            scratch = empty(AttentionKernel.ForwardScratch(span, dim));
        float* from = KernelMemory.Fp32(rows), memory = KernelMemory.Fp32(scratch);

        AttentionKernel.Forward(span, dim, 1, from, dim, from, from, dim, KernelMemory.Fp32(with), dim, KernelMemory.Fp32(logSums), 1, memory);
        AttentionKernel.Forward(span, dim, 1, from, dim, from, from, dim, KernelMemory.Fp32(without), dim, null, 0, memory);

        without.equal(with).all().item<bool>().Should().BeTrue();
    }

    /// <summary>The largest difference in parts of the largest value, or of a floor.</summary>
    private static double Distance(Tensor actual, Tensor exact, double floor = 0) =>
        (actual - exact).abs().max().ToDouble() / Math.Max(exact.abs().max().ToDouble(), floor);
}
