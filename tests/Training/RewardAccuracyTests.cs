using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training;

public sealed class RewardAccuracyTests
{
    private static readonly double[] s_chosen = [2, 1, 1, 0, -0.0, double.NaN, 1, double.PositiveInfinity, double.NegativeInfinity];
    private static readonly double[] s_rejected = [1, 1, 2, 0, 0, 1, double.NaN, double.PositiveInfinity, 0];
    private static readonly double[] s_expected = [1, 0.5, 0, 0.5, 0.5, 0, 0, 0.5, 0];

    [Fact]
    public void Of_TwoRewards_CountsATieHalfAndWhatIsNotANumberAsWrong() =>
        s_chosen.Zip(s_rejected, RewardAccuracy.Of).Should().Equal(s_expected);

    [Fact]
    public void Of_Tensors_IsTheSame()
    {
        using DisposeScope scope = NewDisposeScope();

        RewardAccuracy.Of(tensor(s_chosen), tensor(s_rejected)).data<double>().ToArray().Should().Equal(s_expected);
    }

    [Theory]
    [InlineData(LogProbReduction.Sum, 1.5)] // -3 ties with -3, and -2 is above -4
    [InlineData(LogProbReduction.Mean, 2)] // -3 over three tokens is above -3 over two, and -2 over two above -4 over two
    public void CountRight_ReferenceThatTies_CountsItHalf(LogProbReduction reduction, double right)
    {
        Response Counted(int tokens) => new([.. Enumerable.Range(0, tokens)], [.. Enumerable.Range(1, tokens)], [.. Enumerable.Repeat((byte)1, tokens)]);
        PreferenceExample[] pairs = [new(Counted(3), Counted(2), 1), new(Counted(2), Counted(2), 2), new(Counted(2), Counted(2), 3)];

        ReferencePreference.CountRight(new PrecomputedReference([-3, -2, -9], [-3, -4, -8]), pairs, reduction).Should().Be(right);
    }
}
