using MiniMind.MLNet.Dpo.Training.Loop;

namespace MiniMind.MLNet.Dpo.Tests.Training.Loop;

/// <summary>When steps count as slow: rows and seconds, and the number of the step at which it is said.</summary>
public sealed class StepPaceTests
{
    [Theory]
    [InlineData("100:1 100:1 100:1", 0)]
    [InlineData("100:9 100:1 100:4 100:4 100:4 100:4 100:4", 7)] // the first step prepares kernels; then five in a row
    [InlineData("100:1 100:4 100:4 100:4 100:4 100:2.9 100:4 100:4 100:4 100:4", 0)] // never five
    [InlineData("100:1 100:60 100:1 100:60 100:1", 0)] // pauses
    [InlineData("100:1 100:3 100:3 100:3 100:3 100:3", 0)] // three times is not more than three times
    [InlineData("100:1 400:4 400:4.1 400:4.2 400:4.3 400:4.4", 0)] // more rows take longer
    [InlineData("100:1 400:13 400:13 400:13 400:13 400:13", 6)]
    [InlineData("400:4 100:4 100:4 100:4 100:4 100:4", 0)] // what does not depend on rows may be most of a step
    [InlineData("400:1 100:4 100:4 100:4 100:4 100:4", 6)]
    [InlineData("100:4 100:4 100:4 100:4 100:4 100:1 100:4 100:4 100:4 100:4 100:4", 11)] // slow from the start is known once a step was fast
    [InlineData("400:4 300:1 100:4 100:4 100:4 100:4 100:4", 7)] // the fastest with as many rows or more is what counts, not the largest
    [InlineData("100:0.1 100:0.4 100:0.4 100:0.4 100:0.4 100:0.4 100:0.4", 0)] // no time to speak of
    [InlineData("100:0.1 100:0.7 100:0.7 100:0.7 100:0.7 100:0.7 100:0.7 100:0.7 100:0.7", 9)] // 5.6 s, of which 4.9 were too few
    public void Next_Steps_TellsWhenSeveralInARowTookSeveralTimesTheFastest(string steps, int told)
    {
        StepPace pace = new();
        List<int> at = [];
        int number = 0;
        foreach (string step in steps.Split(' '))
        {
            number++;
            string[] parts = step.Split(':');
            if (pace.Next(long.Parse(parts[0]), TimeSpan.FromSeconds(double.Parse(parts[1]))) is not null)
                at.Add(number);
        }

        at.Should().Equal(told == 0 ? [] : [told]);
    }

    [Fact]
    public void Next_SlowSteps_TellsByHowMuch()
    {
        StepPace pace = new();
        pace.Next(200, TimeSpan.FromSeconds(1));
        double? last = null;
        for (int i = 0; i < StepPace.InARow; i++)
            last = pace.Next(400, TimeSpan.FromSeconds(12));

        last.Should().Be(6);
    }
}
