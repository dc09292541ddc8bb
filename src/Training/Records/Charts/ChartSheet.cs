using System.Text;

namespace MiniMind.MLNet.Dpo.Training.Records.Charts;

/// <summary>Draws charts under each other as one SVG picture, in light colours or, where the viewer asks for them, dark ones.</summary>
internal static class ChartSheet
{
    private const int Width = 880, TitleHeight = 40, ChartHeight = 230;

    /// <summary>Colours and fonts, light and dark.</summary>
    public const string Style = """
        text { font: 12px system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #57606a }
        .title { font-size: 15px; font-weight: 600; fill: #1f2328 }
        .chart { font-size: 13px; font-weight: 600; fill: #1f2328 }
        .paper { fill: #ffffff }
        .grid { stroke: #e4e7eb; stroke-width: 1 }
        .axis { stroke: #8c959f; stroke-width: 1 }
        .mark { stroke: #8c959f; stroke-width: 1; stroke-dasharray: 5 4 }
        .line { fill: none; stroke-width: 1.6; stroke-linejoin: round }
        .faint { stroke-width: 1; opacity: 0.28 }
        .training { stroke: #0969da } .dot.training { fill: #0969da; stroke: none }
        .evaluation { stroke: #bc4c00 } .dot.evaluation { fill: #bc4c00; stroke: none }
        @media (prefers-color-scheme: dark) {
          text { fill: #9198a1 } .title, .chart { fill: #f0f6fc } .paper { fill: #0d1117 }
          .grid { stroke: #262c36 } .axis, .mark { stroke: #6e7681 }
          .training { stroke: #58a6ff } .dot.training { fill: #58a6ff }
          .evaluation { stroke: #ffa657 } .dot.evaluation { fill: #ffa657 }
        }
        """;

    /// <summary>The picture.</summary>
    /// <param name="title">The heading.</param>
    /// <param name="horizontalTitle">What the x axis shows.</param>
    /// <param name="charts">The charts, from top to bottom.</param>
    /// <param name="furtherStyle">Colours of lines that <see cref="Style"/> does not have.</param>
    public static string Draw(string title, string horizontalTitle, IReadOnlyList<LineChart> charts, string furtherStyle = "")
    {
        double[] xs = [.. charts.SelectMany(chart => chart.Series).SelectMany(series => series.Points).Select(point => point.X)];
        AxisScale horizontal = AxisScale.Covering(0, Math.Max(5, xs.DefaultIfEmpty(0).Max()), 10);
        int height = TitleHeight + charts.Count * ChartHeight;
        SvgWriter svg = new(new StringBuilder());
        svg.Open(Width, height, Style + furtherStyle);
        svg.Rectangle("paper", 0, 0, Width, height);
        svg.Text("title", 20, 26, title);
        for (int i = 0; i < charts.Count; i++)
            new ChartPanel(charts[i], horizontal, horizontalTitle, Width, TitleHeight + i * ChartHeight, ChartHeight).Draw(svg);
        return svg.Close();
    }
}
