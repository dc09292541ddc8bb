using MiniMind.MLNet.Dpo.Modeling.Attention;
using MiniMind.MLNet.Dpo.Modeling.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Modeling;

/// <summary>
/// What goes to libtorch's flash attention on a GPU, which starts and which keys, gives on the CPU, through <see cref="PlainAttention"/>, what the layouts
/// compute sequence by sequence.
/// </summary>
public sealed class VariableLengthPlanTests
{
    public VariableLengthPlanTests() => TorchNativeLibrary.EnsureLoaded();

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(100)]
    public void Plan_OfPackedSequencesSomeWithPrefixes_GivesWhatEachSequenceGives(int window)
    {
        using DisposeScope scope = NewDisposeScope();
        // a pair, a sequence alone, three answers to one prompt
        PackedLayout layout = new(
            [5, 20, 3, 17, 2, 4, 6, 1], [new(-1, 0, 2), new(0, 2, 1), new(-1, 3, 1), new(-1, 4, 2), new(4, 6, 1), new(4, 7, 1)], ScalarType.Float32, CPU);

        Difference(layout, layout.Plan, 58, window).Should().BeLessThan(1e-5);
        layout.Plan.KeyRows!.shape[0].Should().Be(58 + 5 + 2 + 2, "each prefix stands once more before every sequence that shares it");
    }

    [Fact]
    public void Plan_OfSequencesWithoutPrefixes_CopiesNothing()
    {
        using DisposeScope scope = NewDisposeScope();
        PackedLayout layout = new([5, 20, 3], [new(-1, 0, 2), new(-1, 2, 1)], ScalarType.Float32, CPU);

        layout.Plan.KeyRows.Should().BeNull();
        layout.Plan.QueryStarts.data<int>().ToArray().Should().Equal(0, 25, 28);
        Difference(layout, layout.Plan, 28, 0).Should().BeLessThan(1e-5);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Plan_OfARectangle_GivesWhatTheRectangleGives(int window)
    {
        using DisposeScope scope = NewDisposeScope();
        RectangularLayout layout = new(3, 7, CPU);

        Difference(layout, layout.Plan, 21, window).Should().BeLessThan(1e-5);
    }

    [Fact]
    public void Serves_OnTheCpu_IsNo()
    {
        using DisposeScope scope = NewDisposeScope();

        FlashAttention.Serves(zeros([4, 2, 8], ScalarType.BFloat16), 0).Should().BeFalse("libtorch has this kernel for CUDA alone");
    }

    /// <summary>The largest relative distance of outputs and gradients.</summary>
    private static double Difference(IAttentionLayout layout, VariableLengthPlan plan, long rows, int window)
    {
        using Generator random = new(5, CPU);
        Tensor[] inputs = [.. new[] { 4, 2, 2 }.Select(heads => randn([rows, heads, 8], generator: random).requires_grad_())];
        Tensor direction = randn([rows, 32], generator: random);
        Tensor[] Outcome(Tensor output)
        {
            output.backward([direction]);
            Tensor[] outcome = [output.detach(), .. inputs.Select(input => input.grad!.clone())];
            foreach (Tensor input in inputs)
                input.grad!.zero_().Dispose();
            return outcome;
        }

        Tensor[] expected = Outcome(layout.Attend(0, inputs[0], inputs[1], inputs[2], 0, window));
        Tensor[] actual = Outcome(PlainAttention.Attend(plan, inputs[0], inputs[1], inputs[2], window));
        return expected.Zip(actual, (left, right) => left.sub(right).norm().item<float>() / left.norm().item<float>()).Max();
    }
}
