using MiniMind.MLNet.Dpo.Transforms;

namespace MiniMind.MLNet.Dpo.Tests.Transforms;

public sealed class TruncationTests
{
    [Theory]
    [InlineData(TruncationPolicy.KeepStart, new[] { 1, 2, 3 })]
    [InlineData(TruncationPolicy.KeepEnd, new[] { 3, 4, 5 })]
    [InlineData(TruncationPolicy.Drop, new int[0])]
    public void Cut_LongerSequence_LeavesWhatThePolicySays(TruncationPolicy policy, int[] left) =>
        Truncation.Cut([1, 2, 3, 4, 5], 3, policy).ToArray().Should().Equal(left);

    [Fact]
    public void Cut_LongerSequenceWithFail_SaysBothLengths() =>
        FluentActions.Invoking(() => Truncation.Cut([1, 2, 3, 4, 5], 3, TruncationPolicy.Fail).Length)
            .Should().Throw<InvalidDataException>().WithMessage("*5 tokens*maximum length is 3*");

    [Fact]
    public void Cut_SequenceThatFits_LeavesItWhole()
    {
        foreach (TruncationPolicy policy in Enum.GetValues<TruncationPolicy>())
            Truncation.Cut([1, 2, 3], 3, policy).ToArray().Should().Equal(1, 2, 3);
    }

    [Fact]
    public void Cut_MaximumBelowOne_IsRefused() =>
        FluentActions.Invoking(() => Truncation.Cut([1], 0, TruncationPolicy.KeepStart).Length).Should().Throw<ArgumentOutOfRangeException>();
}
