using MiniMind.MLNet.Dpo.Modeling.Attention;
using MiniMind.MLNet.Dpo.Modeling.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Modeling;

/// <summary>Two sequences that share a prefix attend as two that do not, through the mask and without it.</summary>
public sealed class PackedLayoutTests
{
    public PackedLayoutTests() => TorchNativeLibrary.EnsureLoaded();

    [Theory]
    [InlineData(1, 40, 60, true)]
    [InlineData(300, 200, 260, true)]
    [InlineData(8, 30, 700, false)]
    [InlineData(40, 1100, 1030, false)]
    public void APrefixRunOnceGivesWhatTwoPrefixesGive(int prefix, int chosen, int rejected, bool masked)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(3, CPU);
        PackedLayout.Masked(prefix, rejected).Should().Be(masked);
        long rows = prefix + chosen + rejected;
        PackedLayout shared = new([prefix, chosen, rejected], [new(-1, 0, 2), new(0, 2, 1)], ScalarType.Float32, CPU);
        PackedLayout apart = new([prefix + chosen, prefix + rejected], [new(-1, 0, 1), new(-1, 1, 1)], ScalarType.Float32, CPU);
        Tensor ownOfApart = cat([arange(prefix + chosen), arange(prefix + chosen + prefix, rows + prefix)]); // which rows the shared layout has, too
        Tensor twice = cat([arange(prefix + chosen), arange(prefix), arange(prefix + chosen, rows)]); // the shared layout's rows as they stand apart
        Tensor[] inputs = [.. new[] { 4, 2, 2 }.Select(heads => randn([rows, heads, 8], generator: random).requires_grad_())];
        Tensor direction = randn([rows, 32], generator: random);

        Tensor ours = shared.Attend(0, inputs[0], inputs[1], inputs[2], 0);
        ours.backward([direction]);
        Tensor[] ourGradients = [.. inputs.Select(input => input.grad!.clone())];
        foreach (Tensor input in inputs)
            input.grad!.zero_().Dispose();
        Tensor theirs = apart.Attend(0, inputs[0].index_select(0, twice), inputs[1].index_select(0, twice), inputs[2].index_select(0, twice), 0).index_select(
            0, ownOfApart);
        theirs.backward([direction]);

        RelativeDistance(ours, theirs).Should().BeLessThan(1e-6);
        for (int i = 0; i < inputs.Length; i++)
            RelativeDistance(ourGradients[i], inputs[i].grad!).Should().BeLessThan(1e-5);
    }

    [Fact]
    public void AnAnswerAfterAShortPromptSeesThePromptAndItselfUpToEachRow()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(4, CPU);
        const int prefix = 5, own = 640;
        PackedLayout layout = new([prefix, 1, own], [new(-1, 0, 2), new(0, 2, 1)], ScalarType.Float32, CPU);
        Tensor[] qkv = [.. Enumerable.Range(0, 3).Select(_ => randn([prefix + 1 + own, 1, 4], generator: random))];
        Tensor output = layout.Attend(0, qkv[0], qkv[1], qkv[2], 0);

        double[][] q = Rows(qkv[0]), k = Rows(qkv[1]), v = Rows(qkv[2]), actual = Rows(output);
        foreach (int row in new[] { 0, 1, 511, own - 1 })
        {
            int[] seen = [.. Enumerable.Range(0, prefix), .. Enumerable.Range(prefix + 1, row + 1)]; // not the chosen side's row
            double[] scores = [.. seen.Select(s => Math.Exp(q[prefix + 1 + row].Zip(k[s], (a, b) => a * b).Sum() / 2))];
            for (int d = 0; d < 4; d++)
            {
                double expected = seen.Select((s, i) => scores[i] * v[s][d]).Sum() / scores.Sum();
                actual[prefix + 1 + row][d].Should().BeApproximately(expected, 1e-5);
            }
        }
    }

    [Fact]
    public void RowsBeyond_SequencesThatShareAPrefix_GoByTheLongest()
    {
        using DisposeScope scope = NewDisposeScope();
        PackedLayout layout = new([5, 20, 3, 17, 2, 4, 6], [new(-1, 0, 2), new(0, 2, 1), new(-1, 3, 1), new(-1, 4, 2), new(4, 6, 1)], ScalarType.Float32, CPU);

        layout.RowsBeyond(17)!.data<bool>().ToArray().Should().Equal([.. Enumerable.Repeat(true, 28), .. Enumerable.Repeat(false, 29)]);
        layout.RowsBeyond(25).Should().BeNull("the longest has 25");
        layout.RowsBeyond(7)!.data<bool>().ToArray().Should().OnlyContain(beyond => beyond);
    }

    private static double[][] Rows(Tensor tensor) => [.. tensor.view(-1, 4).to(ScalarType.Float64).data<double>().ToArray().Chunk(4)];

    private static double RelativeDistance(Tensor actual, Tensor expected) => ((actual - expected).norm() / expected.norm()).item<float>();
}
