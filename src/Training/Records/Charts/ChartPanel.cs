using System.Globalization;

namespace MiniMind.MLNet.Dpo.Training.Records.Charts;

/// <summary>Draws one chart into its part of a sheet.</summary>
internal sealed class ChartPanel(LineChart chart, AxisScale horizontal, string horizontalTitle, double width, double top, double height)
{
    private const double LeftMargin = 78, RightMargin = 26, TopMargin = 34, BottomMargin = 40;
    private const int ValueIntervals = 5, MostPoints = 350;

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
        foreach (ChartSeries series in chart.Series) DrawLine(svg, series);
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

    private void DrawLine(SvgWriter svg, ChartSeries series)
    {
        IReadOnlyList<ChartPoint> points = SeriesThinning.Thin(series.Points, MostPoints);
        List<(double X, double Y)> piece = [];
        foreach (ChartPoint point in points.Append(new ChartPoint(0, double.NaN)))
        {
            if (double.IsFinite(point.Y))
            {
                piece.Add((X(point.X), Y(point.Y)));
                continue;
            }
            if (piece.Count > 1) svg.Path(series.Style, piece);
            if (piece.Count > 0 && (piece.Count == 1 || points.Count <= 40)) piece.ForEach(at => svg.Dot(series.Style, at.X, at.Y, 2.4));
            piece = [];
        }
    }

    private void DrawLegend(SvgWriter svg)
    {
        double x = Right;
        if (chart.Mark is { } mark) x = Entry(svg, x, mark.Meaning, at => svg.Line("mark", at, top + 16, at + 18, top + 16));
        foreach (ChartSeries series in chart.Series.Reverse())
        {
            double last = series.Points.Count == 0 ? double.NaN : series.Points[^1].Y;
            int gaps = series.Points.Count(point => !double.IsFinite(point.Y));
            string text = $"{series.Name} {last.ToString("G5", CultureInfo.InvariantCulture)}{(gaps > 0 ? $" ({gaps} not finite)" : "")}";
            x = Entry(svg, x, text, at => svg.Line($"line {series.Style}", at, top + 16, at + 18, top + 16));
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
