using MiniMind.MLNet.Dpo.Training.Records.Charts;

namespace MiniMind.MLNet.Dpo.Tests.Training.Records;

/// <summary>
/// Where everything of a chart stands: the paper is 880 wide, a chart's own plane goes from 78 to 854 and, the first one's, from 74 down to 230.
/// </summary>
public sealed class ChartSheetTests
{
    [Fact]
    public void Draw_OneChart_IsThisPicture()
    {
        LineChart chart = new()
        {
            Title = "Loss", Range = (0, 1), Mark = (0.5, "half"), Series = [new ChartSeries("s", "training", [new(0, 0), new(10, 1)])],
        };

        string[] lines = ChartSheet.Draw("Run", "step", [chart]).Split('\n');

        lines.Where(line => line.StartsWith('<')).Should().Equal(
            """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 270" width="880" height="270">""",
            "<style>", "</style>",
            """<rect class="paper" x="0" y="0" width="880" height="270"/>""",
            Text("title", 20, 26, "Run"),
            Text("chart", 20, 60, "Loss"),
            Line("grid", 78, 230, 854, 230), Text("tick", 70, 234, "0.0", "end"),
            Line("grid", 78, 198.8, 854, 198.8), Text("tick", 70, 202.8, "0.2", "end"),
            Line("grid", 78, 167.6, 854, 167.6), Text("tick", 70, 171.6, "0.4", "end"),
            Line("grid", 78, 136.4, 854, 136.4), Text("tick", 70, 140.4, "0.6", "end"),
            Line("grid", 78, 105.2, 854, 105.2), Text("tick", 70, 109.2, "0.8", "end"),
            Line("grid", 78, 74, 854, 74), Text("tick", 70, 78, "1.0", "end"),
            Line("axis", 78, 230, 78, 234), Text("tick", 78, 247, "0", "middle"),
            Line("axis", 155.6, 230, 155.6, 234), Text("tick", 155.6, 247, "1", "middle"),
            Line("axis", 233.2, 230, 233.2, 234), Text("tick", 233.2, 247, "2", "middle"),
            Line("axis", 310.8, 230, 310.8, 234), Text("tick", 310.8, 247, "3", "middle"),
            Line("axis", 388.4, 230, 388.4, 234), Text("tick", 388.4, 247, "4", "middle"),
            Line("axis", 466, 230, 466, 234), Text("tick", 466, 247, "5", "middle"),
            Line("axis", 543.6, 230, 543.6, 234), Text("tick", 543.6, 247, "6", "middle"),
            Line("axis", 621.2, 230, 621.2, 234), Text("tick", 621.2, 247, "7", "middle"),
            Line("axis", 698.8, 230, 698.8, 234), Text("tick", 698.8, 247, "8", "middle"),
            Line("axis", 776.4, 230, 776.4, 234), Text("tick", 776.4, 247, "9", "middle"),
            Line("axis", 854, 230, 854, 234), Text("tick", 854, 247, "10", "middle"),
            Line("axis", 78, 230, 854, 230), Text("tick", 854, 263, "step", "end"),
            Line("mark", 78, 152, 854, 152),
            """<polyline class="line training" points="78,230 854,74"/>""",
            """<circle class="dot training" cx="78" cy="230" r="2.4"/>""",
            """<circle class="dot training" cx="854" cy="74" r="2.4"/>""",
            Text("legend", 827.6, 60, "half"), Line("mark", 803.6, 56, 821.6, 56),
            Text("legend", 765.8, 60, "s 1"), Line("line training", 741.8, 56, 759.8, 56),
            "</svg>");
    }

    [Fact]
    public void Draw_TwoCharts_StandUnderEachOtherOnOneAxis()
    {
        LineChart Chart(string title, double end) => new()
        {
            Title = title, Range = (0, 1), Series = [new ChartSeries("s", "training", [new(0, 1), new(end, 1)])],
        };

        string[] lines = ChartSheet.Draw("Run", "step", [Chart("first", 5), Chart("second", 10)]).Split('\n');

        lines[0].Should().Contain("viewBox=\"0 0 880 500\"");
        lines.Should().Contain(Text("chart", 20, 290, "second"));
        lines.Where(line => line.StartsWith("<polyline", StringComparison.Ordinal)).Should().Equal(
            """<polyline class="line training" points="78,74 466,74"/>""", """<polyline class="line training" points="78,304 854,304"/>""");
    }

    [Theory]
    [InlineData(0, 0)] // outside of what the axis shows: no mark
    [InlineData(0.25, 1)]
    [InlineData(1, 1)]
    [InlineData(1.01, 0)]
    [InlineData(0.2, 1)]
    [InlineData(0.19, 0)]
    public void Draw_MarkOutsideTheAxis_IsLeftOut(double mark, int drawn)
    {
        LineChart chart = new() { Title = "Accuracy", Range = (0.2, 1), Mark = (mark, "m"), Series = [new ChartSeries("s", "training", [new(0, 1)])] };

        // the legend's sample is a mark, too
        ChartSheet.Draw("Run", "step", [chart]).Split("<line class=\"mark\"").Should().HaveCount(1 + 1 + drawn);
    }

    private static string Line(string style, double x1, double y1, double x2, double y2) =>
        FormattableString.Invariant($"<line class=\"{style}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>");

    private static string Text(string style, double x, double y, string content, string anchor = "start") =>
        FormattableString.Invariant($"<text class=\"{style}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{content}</text>");
}
