using System.Globalization;
using System.Security;
using System.Text;

namespace MiniMind.MLNet.Dpo.Training.Records.Charts;

/// <summary>Writes the few elements of SVG that charts need.</summary>
internal sealed class SvgWriter(StringBuilder text)
{
    public void Open(int width, int height, string style) => text.Append(CultureInfo.InvariantCulture,
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\n<style>\n{style}\n</style>\n");

    public void Rectangle(string style, double x, double y, double width, double height) =>
        text.Append(CultureInfo.InvariantCulture, $"<rect class=\"{style}\" x=\"{x:0.#}\" y=\"{y:0.#}\" width=\"{width:0.#}\" height=\"{height:0.#}\"/>\n");

    public void Line(string style, double x1, double y1, double x2, double y2) =>
        text.Append(CultureInfo.InvariantCulture, $"<line class=\"{style}\" x1=\"{x1:0.#}\" y1=\"{y1:0.#}\" x2=\"{x2:0.#}\" y2=\"{y2:0.#}\"/>\n");

    public void Path(string style, IEnumerable<(double X, double Y)> points) =>
        text.Append(
            CultureInfo.InvariantCulture,
            $"<polyline class=\"line {style}\" " +
            $"points=\"{string.Join(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.X:0.#},{p.Y:0.#}")))}\"/>\n");

    public void Dot(string style, double x, double y, double radius) =>
        text.Append(CultureInfo.InvariantCulture, $"<circle class=\"dot {style}\" cx=\"{x:0.#}\" cy=\"{y:0.#}\" r=\"{radius:0.#}\"/>\n");

    public void Text(string style, double x, double y, string content, string anchor = "start") =>
        text.Append(
            CultureInfo.InvariantCulture,
            $"<text class=\"{style}\" x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\">{SecurityElement.Escape(content)}</text>\n");

    /// <summary>Ends the picture.</summary>
    /// <returns>All that was written.</returns>
    public string Close() => text.Append("</svg>\n").ToString();
}
