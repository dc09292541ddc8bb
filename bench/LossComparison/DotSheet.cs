using System.Text;
using MiniMind.MLNet.Dpo.Training.Records.Charts;

namespace MiniMind.MLNet.Dpo.Bench.LossComparison;

/// <summary>Draws measures side by side, with a row for each thing that was measured, in light colours or dark ones.</summary>
internal static class DotSheet
{
    private const int Width = 880, LabelWidth = 168, RowHeight = 24, Head = 78, Foot = 34, Gap = 34, Intervals = 4;
    private const int Margin = 24;
    private const double Radius = 3.6;

    private const string Style = """

        .range { stroke: #0969da; stroke-width: 1.6 }
        .row { fill: #1f2328 }
        @media (prefers-color-scheme: dark) { .range { stroke: #58a6ff } .row { fill: #f0f6fc } }
        """;

    /// <summary>The picture.</summary>
    /// <param name="title">The heading.</param>
    /// <param name="rows">Names of the rows.</param>
    /// <param name="panels">The measures, from left to right.</param>
    public static string Draw(string title, IReadOnlyList<string> rows, IReadOnlyList<DotPanel> panels)
    {
        int height = Head + rows.Count * RowHeight + Foot;
        double width = (Width - LabelWidth - Margin - Gap * (panels.Count - 1)) / (double)panels.Count;
        SvgWriter svg = new(new StringBuilder());
        svg.Open(Width, height, ChartSheet.Style + Style);
        svg.Rectangle("paper", 0, 0, Width, height);
        svg.Text("title", 20, 26, title);
        for (int row = 0; row < rows.Count; row++)
        {
            svg.Line("grid", 20, RowY(row), Width - Margin, RowY(row));
            svg.Text("row", 20, RowY(row) - 4, rows[row]);
        }
        for (int i = 0; i < panels.Count; i++)
            Draw(svg, panels[i], LabelWidth + i * (width + Gap), width, rows.Count);
        return svg.Close();
    }

    private static double RowY(int row) => Head + row * RowHeight + RowHeight / 2.0 + 4;

    private static void Draw(SvgWriter svg, DotPanel panel, double left, double width, int rows)
    {
        double[] ends = [.. panel.Values.SelectMany(value => new[] { value.Lower, value.Upper }).Append(panel.Mark ?? double.NaN).Where(double.IsFinite)];
        AxisScale axis = AxisScale.Covering(ends.Min(), Math.Max(ends.Max(), ends.Min() + 1e-6), Intervals);
        double X(double value) => left + axis.Position(value) * width;
        double top = Head - 14, bottom = Head + rows * RowHeight + 8;
        svg.Text("chart", left, Head - 24, panel.Title);
        foreach (double tick in axis.Ticks)
        {
            svg.Line("grid", X(tick), top, X(tick), bottom);
            svg.Text("tick", X(tick), bottom + 16, axis.Label(tick), "middle");
        }
        if (panel.Mark is { } mark)
            svg.Line("mark", X(mark), top, X(mark), bottom);
        for (int row = 0; row < panel.Values.Count; row++)
        {
            (double value, double lower, double upper) = panel.Values[row];
            if (!double.IsFinite(value))
                continue;
            double y = RowY(row) - 8;
            if (upper > lower)
                svg.Line("range", X(lower), y, X(upper), y);
            svg.Dot("training", X(value), y, Radius);
        }
    }
}
