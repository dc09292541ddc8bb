using System.Globalization;

namespace MiniMind.MLNet.Dpo.Training.Records.Charts;

/// <summary>Draws one chart into its part of a sheet.</summary>
internal sealed class ChartPanel(LineChart chart, AxisScale horizontal, string horizontalTitle, double width, double top, double height)
{
    private const double LeftMargin = 78, RightMargin = 26, TopMargin = 34, BottomMargin = 40;
    private const int ValueIntervals = 5, MostPoints = 350, MostDots = 40, MostUnsmoothed = 150, Smoothed = 75;

    private readonly AxisScale _vertical = chart.ValueScale(ValueIntervals);

    private double Left => LeftMargin;

    private double Right => width - RightMargin;

    private double Upper => top + TopMargin;

    private double Lower => top + height - BottomMargin;

    /// <summary>Draws it.</summary>
    public void Draw(SvgWriter svg)
    {
        svg.Text("chart", 20, top + 20, chart.Title);
        DrawAxes(svg);
        if (chart.Mark is { } mark && _vertical.Position(mark.Value) is >= 0 and <= 1)
            svg.Line("mark", Left, Y(mark.Value), Right, Y(mark.Value));
        foreach (ChartSeries series in chart.Series)
            DrawSeries(svg, series);
        DrawLegend(svg);
    }

    private double X(double value) => Left + horizontal.Position(value) * (Right - Left);

    private double Y(double value) => Lower - _vertical.Position(value) * (Lower - Upper);

    private void DrawAxes(SvgWriter svg)
    {
        foreach (double tick in _vertical.Ticks)
        {
            svg.Line("grid", Left, Y(tick), Right, Y(tick));
            svg.Text("tick", Left - 8, Y(tick) + 4, _vertical.Label(tick), "end");
        }
        foreach (double tick in horizontal.Ticks)
        {
            svg.Line("axis", X(tick), Lower, X(tick), Lower + 4);
            svg.Text("tick", X(tick), Lower + 17, horizontal.Label(tick), "middle");
        }
        svg.Line("axis", Left, Lower, Right, Lower);
        svg.Text("tick", Right, Lower + 33, horizontalTitle, "end");
    }

    /// <summary>How many points of a long series one point of its line averages; 1 where the line shows the points themselves.</summary>
    private static int Averaged(ChartSeries series) => series.Points.Count <= MostUnsmoothed ? 1 : (series.Points.Count + Smoothed - 1) / Smoothed;

    private void DrawSeries(SvgWriter svg, ChartSeries series)
    {
        if (Averaged(series) is > 1 and var averaged)
        {
            DrawLine(svg, $"faint {series.Style}", SeriesThinning.Thin(series.Points, MostPoints), dots: false);
            DrawLine(svg, series.Style, SeriesThinning.Means(series.Points, averaged), dots: false);
        }
        else
        {
            DrawLine(svg, series.Style, series.Points, dots: series.Points.Count <= MostDots);
        }
    }

    private void DrawLine(SvgWriter svg, string style, IReadOnlyList<ChartPoint> points, bool dots)
    {
        List<(double X, double Y)> piece = [];
        foreach (ChartPoint point in points.Append(new ChartPoint(0, double.NaN)))
        {
            if (double.IsFinite(point.Y))
            {
                piece.Add((X(point.X), Y(point.Y)));
                continue;
            }
            if (piece.Count > 1)
                svg.Path(style, piece);
            if (piece.Count == 1 || dots)
                piece.ForEach(at => svg.Dot(style, at.X, at.Y, 2.4));
            piece = [];
        }
    }

    private void DrawLegend(SvgWriter svg)
    {
        double x = Right;
        if (chart.Mark is { } mark)
            x = Entry(svg, x, mark.Meaning, at => svg.Line("mark", at, top + 16, at + 18, top + 16));
        foreach (ChartSeries series in chart.Series.Reverse())
        {
            int averaged = Averaged(series), gaps = series.Points.Count(point => !double.IsFinite(point.Y));
            double last = series.Points.Count == 0 ? double.NaN : SeriesThinning.Means(series.Points, averaged)[^1].Y;
            string text = last.ToString("G4", CultureInfo.InvariantCulture) + (averaged > 1 ? $", mean of {averaged}" : "") + (
                gaps > 0 ? $", {gaps} not finite" : "");
            x = Entry(svg, x, $"{series.Name} {text}", at => svg.Line($"line {series.Style}", at, top + 16, at + 18, top + 16));
        }
    }

    // entries stand from right to left; a letter is about 6.6 wide
    private double Entry(SvgWriter svg, double right, string text, Action<double> drawSample)
    {
        double start = right - 6.6 * text.Length;
        svg.Text("legend", start, top + 20, text);
        drawSample(start - 24);
        return start - 42;
    }
}
