using MiniMind.MLNet.Dpo.Training;

namespace MiniMind.MLNet.Dpo.Tests.Training;

/// <summary>What a report on cut rows says, of numbers that are written down.</summary>
public sealed class TruncationReportTests
{
    [Theory]
    [InlineData(0, 0, 0, false)]
    [InlineData(1, 0, 0, true)]
    [InlineData(0, 1, 0, true)]
    [InlineData(0, 0, 1, true)]
    public void LosesAnything_AnyLoss_IsOne(int end, int answer, int promptStart, bool expected) =>
        Report(100, 100, new SideTruncation("chosen", 5, 0, 0, 0), new SideTruncation("rejected", 5, end, answer, promptStart)).LosesAnything
            .Should().Be(expected);

    [Fact]
    public void ToString_Losses_NamesSidesAndWays() =>
        Report(20, 50, new SideTruncation("chosen", 5, 2, 0, 1), new SideTruncation("middle", 1, 0, 0, 0), new SideTruncation("rejected", 5, 0, 3, 0))
            .ToString().Should().Be("cut at 10 tokens: of 40 chosen sides 2 lost the end of the answer with its end token, 1 lost the prompt's beginning; " +
                "of 40 rejected sides 3 lost all of the last answer; MaxLength = 20 keeps 95 % of the rows whole, 50 all of them");

    [Fact]
    public void ToString_Conversations_HaveNoSides() =>
        Report(20, 20, new SideTruncation("conversation", 5, 2, 0, 0)).ToString().Should().StartWith("cut at 10 tokens: of 40 conversations 2 lost");

    [Fact]
    public void ToString_NoLoss_SaysSo() =>
        Report(9, 9, new SideTruncation("chosen", 0, 0, 0, 0)).ToString()
            .Should().Be("cut at 10 tokens, nothing of an answer or a prompt is lost in 40 rows");

    [Theory]
    [InlineData(20, 50, "MaxLength = 20 keeps 95 % of the rows whole, 50 all of them")]
    [InlineData(50, 50, "MaxLength = 50 keeps all rows whole")]
    [InlineData(10, 50, "MaxLength = 50 keeps all rows whole")] // most rows are whole already
    public void Advice_Lengths_AreThoseThatHelp(int most, int all, string expected) =>
        Report(most, all, new SideTruncation("chosen", 1, 1, 0, 0)).Advice.Should().Be(expected);

    [Fact]
    public void OfPart_Places_CountFromOne() => MetricNames.OfPart(0, "Sigmoid").Should().Be("loss/1_Sigmoid");

    private static TruncationReport Report(int most, int all, params SideTruncation[] sides) =>
        new() { MaxLength = 10, Rows = 40, Sides = sides, LengthForMost = most, LengthForAll = all };
}
