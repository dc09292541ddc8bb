using System.Globalization;
using System.Text;
using System.Xml.Linq;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Records;
using MiniMind.MLNet.Dpo.Training.Records.Charts;

namespace MiniMind.MLNet.Dpo.Tests.Training.Records;

public sealed class ChartTests
{
    [Theory]
    [InlineData(0, 1, 5, "0.0 0.2 0.4 0.6 0.8 1.0")]
    [InlineData(0.3, 0.7, 5, "0.3 0.4 0.5 0.6 0.7")]
    [InlineData(-0.013, 0.021, 5, "-0.02 -0.01 0.00 0.01 0.02 0.03")]
    [InlineData(0, 2345, 10, "0 500 1,000 1,500 2,000 2,500")]
    [InlineData(0.693140, 0.693150, 5, "0.693140 0.693142 0.693144 0.693146 0.693148 0.693150")]
    public void Covering_ARange_HasRoundTicksAroundIt(double low, double high, int intervals, string labels)
    {
        AxisScale scale = AxisScale.Covering(low, high, intervals);

        string.Join(' ', scale.Ticks.Select(scale.Label)).Should().Be(labels);
        scale.Position(low).Should().BeInRange(-1e-6, 1);
        scale.Position(high).Should().BeInRange(0, 1 + 1e-6);
    }

    [Theory]
    [InlineData(1e-12)]
    [InlineData(1)]
    [InlineData(1e15)]
    [InlineData(double.NaN)]
    public void Draw_AnyValue_IsWellFormedWithFiniteCoordinates(double value)
    {
        TrainingCurves curves = new();
        for (int step = 1; step <= 3; step++)
            curves.Add(step, Values(step == 2 ? double.NaN : value, -value, 1));

        XElement svg = Svg(curves, "a <b> & \"c\"");

        svg.Descendants().Attributes().Where(a => "x y x1 x2 y1 y2 cx cy width height".Split(' ').Contains(a.Name.LocalName))
            .Select(a => double.Parse(a.Value, CultureInfo.InvariantCulture)).Should().OnlyContain(number => double.IsFinite(number));
        svg.Elements().Select(e => e.Value).Should().Contain("a <b> & \"c\"");
    }

    [Fact]
    public void Draw_ALoss_PutsPointsWhereTheAxesSay()
    {
        TrainingCurves curves = new();
        curves.Add(0, new Dictionary<string, double> { [MetricNames.Loss] = 1 });
        curves.Add(50, new Dictionary<string, double> { [MetricNames.Loss] = 3 });
        curves.Add(100, new Dictionary<string, double> { [MetricNames.Loss] = 2 });

        XElement svg = Svg(curves, "sft");

        double[] points = [.. Lines(svg).Single().Attribute("points")!.Value.Split(' ', ',').Select(p => double.Parse(p, CultureInfo.InvariantCulture))];
        XElement lowest = Tick(svg, "1.0"), highest = Tick(svg, "3.0");
        points[1].Should().BeApproximately(Number(lowest, "y") - 4, 0.2, "the first point is at the tick of its value; labels sit 4 below their ticks");
        points[3].Should().BeApproximately(Number(highest, "y") - 4, 0.2);
        points[5].Should().BeApproximately((points[1] + points[3]) / 2, 0.2);
        points[2].Should().BeApproximately((points[0] + points[4]) / 2, 0.2, "step 50 is half way");
        points[0].Should().BeApproximately(Number(Tick(svg, "0"), "x"), 0.2);
        points[4].Should().BeApproximately(Number(Tick(svg, "100"), "x"), 0.2);
    }

    [Fact]
    public void Draw_ARisingLine_RisesToTheRight()
    {
        TrainingCurves curves = new();
        foreach ((int step, double loss) in ((int, double)[])[(0, 1), (50, 2), (100, 3)])
            curves.Add(step, new Dictionary<string, double> { [MetricNames.Loss] = loss });

        XElement svg = Svg(curves, "rises");

        (double X, double Y)[] points = [.. Lines(svg).Single().Attribute("points")!.Value.Split(' ').Select(point => point.Split(','))
            .Select(at => (double.Parse(at[0], CultureInfo.InvariantCulture), double.Parse(at[1], CultureInfo.InvariantCulture)))];
        points.Select(point => point.X).Should().BeInAscendingOrder("later steps stand to the right");
        points.Select(point => point.Y).Should().BeInDescendingOrder("y grows downwards in SVG, so what is larger stands above");
        (Number(Tick(svg, "3.0"), "y") < Number(Tick(svg, "1.0"), "y")).Should().BeTrue("the axis' labels rise, too");
        (Number(Tick(svg, "100"), "x") > Number(Tick(svg, "0"), "x")).Should().BeTrue();
        double labels = Number(Tick(svg, "1.0"), "x"), panel = Number(Tick(svg, "0"), "y");
        points.Should().OnlyContain(point => point.X > labels && point.Y < panel, "the axes' labels stand to the left and below");
        XElement mark = Svg(Preferences(0.7, 0.8), "marked").Elements().First(e => e.Attribute("class")?.Value == "mark");
        Number(mark, "y1").Should().Be(Number(mark, "y2"), "a value to compare with goes straight across");
    }

    [Fact]
    public void Draw_LossAboveItsStart_StandsAboveTheMark()
    {
        foreach ((double loss, double end) in ((double, double)[])[(0.9, 0.6), (0.5, 0.8)])
        {
            XElement svg = Svg(Preferences(loss, end), "start");

            double mark = Number(svg.Elements().First(e => e.Attribute("class")?.Value == "mark"), "y1");
            double line = double.Parse(Lines(svg).First().Attribute("points")!.Value.Split(' ', ',')[1], CultureInfo.InvariantCulture);
            (line < mark).Should().Be(loss > Math.Log(2), "{0} against ln 2", loss);
        }
    }

    [Fact]
    public void Draw_ValuesThatAreNotFinite_LeaveAGapAndAreCounted()
    {
        TrainingCurves curves = new();
        foreach (int step in Enumerable.Range(1, 9))
            curves.Add(step, new Dictionary<string, double> { [MetricNames.Loss] = step is 4 or 5 ? double.NaN : 1.0 / step });

        XElement svg = Svg(curves, "gap");

        Lines(svg).Should().HaveCount(2);
        svg.Elements().Should().Contain(e => e.Value.Contains(", 2 not finite"));
    }

    [Fact]
    public void Draw_NoiseAroundLn2_DoesNotFillTheChart()
    {
        TrainingCurves curves = new() { Objective = new PreferenceObjective(PreferenceLoss.Sigmoid(), 0.1, LogProbReduction.Mean) };
        Random random = new(1);
        foreach (int step in Enumerable.Range(1, 50))
            curves.Add(step, Values(Math.Log(2) + 1e-6 * random.NextDouble(), 1e-6 * random.NextDouble(), 0.5));

        Svg(curves, "flat").Value.Should().Contain("Loss (nats per pair)").And.Contain("ln 2: no preference");
        foreach (XElement line in Lines(Svg(curves, "flat")))
        {
            double[] ys = [.. line.Attribute("points")!.Value.Split(' ').Select(p => double.Parse(p.Split(',')[1], CultureInfo.InvariantCulture))];
            (ys.Max() - ys.Min()).Should().BeLessThan(2, "a run that learns nothing looks like one");
        }
    }

    [Fact]
    public void Thin_ManyPoints_KeepsEveryPeakDipAndGap()
    {
        Random random = new(2);
        ChartPoint[] points = [.. Enumerable.Range(0, 100_000)
            .Select(i => new ChartPoint(i, i == 77_777 ? 50 : i == 5 ? -50 : i == 40_000 ? double.NaN : random.NextDouble()))];

        IReadOnlyList<ChartPoint> thin = SeriesThinning.Thin(points, 350);

        thin.Should().HaveCountLessThan(710);
        thin.Should().Contain(points[77_777]).And.Contain(points[5]).And.Contain(points[40_000]);
        thin.Select(p => p.X).Should().BeInAscendingOrder();
        SeriesThinning.Thin(points[..600], 350).Should().Equal(points[..600]);
    }

    [Theory]
    [InlineData("1 5 3 2", "1 5")]
    [InlineData("5 1 3 2", "5 1")]
    [InlineData("3 2 5 1", "5 1")]
    [InlineData("2 2 2 2", "2")]
    [InlineData("NaN 1 3 2", "NaN 1 3")]
    [InlineData("1 3 2 NaN", "1 3 NaN")]
    public void Thin_OneStretch_KeepsItsFirstLowestAndHighest(string values, string kept)
    {
        ChartPoint[] points = [.. values.Split(' ').Select((value, i) => new ChartPoint(i, double.Parse(value, CultureInfo.InvariantCulture)))];

        IReadOnlyList<ChartPoint> thin = SeriesThinning.Thin(points, 1);

        thin.Select(point => point.Y).Should().Equal(kept.Split(' ').Select(value => double.Parse(value, CultureInfo.InvariantCulture)));
        thin[0].X.Should().Be(Array.FindIndex(points, point => point.Y.Equals(thin[0].Y)), "of equal ones the first");
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(4, 4)]
    [InlineData(5, 4)] // by threes: the ends of 0 to 2, and 3 and 4
    [InlineData(6, 4)]
    public void Thin_StretchesOfTwoPointsOrFewer_AreKeptWhole(int count, int kept)
    {
        ChartPoint[] points = [.. Enumerable.Range(0, count).Select(i => new ChartPoint(i, i))];

        SeriesThinning.Thin(points, 2).Should().HaveCount(kept);
        SeriesThinning.Means(points, 2).Should().HaveCount((count + 1) / 2).And.HaveElementAt(0, new ChartPoint(0.5, 0.5));
    }

    [Fact]
    public void Draw_ManyPoints_ShowsThemFaintBehindTheirMeans()
    {
        TrainingCurves curves = new();
        foreach (int step in Enumerable.Range(1, 300))
            curves.Add(step, new Dictionary<string, double> { [MetricNames.Loss] = step % 4 });

        XElement svg = Svg(curves, "long");

        XElement[] lines = [.. Lines(svg)];
        lines.Select(line => line.Attribute("class")!.Value).Should().Equal("line faint training", "line training");
        double[] means = [.. lines[1].Attribute("points")!.Value.Split(' ').Select(p => double.Parse(p.Split(',')[1], CultureInfo.InvariantCulture))];
        means.Should().HaveCount(75).And.OnlyContain(y => y == means[0], "four values in turn have one mean");
        svg.Elements().Should().Contain(e => e.Value == "training 1.5, mean of 4");
    }

    private static TrainingCurves Preferences(params double[] losses)
    {
        TrainingCurves curves = new() { Objective = new PreferenceObjective(PreferenceLoss.Sigmoid(), 0.1, LogProbReduction.Mean) };
        for (int step = 0; step < losses.Length; step++)
            curves.Add(step, Values(losses[step], 0, 0.5));
        return curves;
    }

    private static OrderedDictionary<string, double> Values(double loss, double margin, double accuracy) =>
        new() { [MetricNames.Loss] = loss, [MetricNames.Margin] = margin, [MetricNames.Accuracy] = accuracy };

    private static XElement Svg(TrainingCurves curves, string title) => XDocument.Parse(Encoding.UTF8.GetString(curves.Draw(title))).Root!;

    private static IEnumerable<XElement> Lines(XElement svg) => svg.Elements().Where(e => e.Name.LocalName == "polyline");

    private static XElement Tick(XElement svg, string label) => svg.Elements().Single(e => e.Name.LocalName == "text" && e.Value == label);

    private static double Number(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);
}
