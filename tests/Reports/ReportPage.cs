using System.Xml;
using System.Xml.Linq;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Reports;

namespace MiniMind.MLNet.Dpo.Tests.Reports;

/// <summary>A report as it is read: its markup is XML, too, so that a parser that guesses nothing sees what is an element and what is text.</summary>
internal sealed class ReportPage
{
    private static readonly HashSet<string> s_elements =
    [
        "html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "nav", "a", "section", "div", "table", "tr", "th", "td", "bdi", "pre", "mark",
        "ul", "ol", "li", "strong", "br", "details", "summary", "figure", "figcaption", "svg", "rect", "line", "polyline", "circle", "text",
    ];

    private static readonly HashSet<string> s_attributes =
    [
        "lang", "charset", "http-equiv", "content", "name", "class", "dir", "href", "id", "scope", "open", "tabindex", "viewBox", "width", "height", "x", "y",
        "x1",
        "x2", "y1", "y2", "points", "cx", "cy", "r", "text-anchor", "xmlns",
    ];

    private ReportPage(string html)
    {
        Html = html;
        using XmlReader reader = XmlReader.Create(new StringReader(html), new XmlReaderSettings { DtdProcessing = DtdProcessing.Ignore });
        Document = XDocument.Load(reader, LoadOptions.PreserveWhitespace);
    }

    public string Html { get; }

    public XDocument Document { get; }

    public string Text => string.Concat(Document.Root!.Element("body")!.DescendantNodes().OfType<XText>()
        .Where(text => text.Parent!.Name.LocalName != "style"));

    public static ReportPage Of(string folder)
    {
        string path = Path.Combine(folder, RunReport.FileName);
        new MLContext().Preferences.WriteReport(folder).Should().Be(path);
        ReportPage page = new(File.ReadAllText(path));
        page.MustBeHarmless();
        return page;
    }

    public string Section(string id) => Document.Descendants("section").Single(section => section.Attribute("id")!.Value == id).Value;

    private void MustBeHarmless()
    {
        Document.Descendants().Select(element => element.Name.LocalName).Distinct().Should().BeSubsetOf(s_elements);
        XAttribute[] attributes = [.. Document.Descendants().Attributes()];
        attributes.Select(attribute => attribute.Name.LocalName).Distinct().Should().BeSubsetOf(s_attributes);
        attributes.Where(attribute => attribute.Name.LocalName == "href").Should().OnlyContain(attribute => attribute.Value.StartsWith('#'));
        Html.Should().NotContain("url(").And.NotContain("@import", "nothing is fetched");
        // XML refuses other control characters; these are the ones that turn or hide what stands around them
        Html.Where(letter => letter is '\u202a' or '\u202b' or '\u202d' or '\u202e' or '\u2066' or '\u2067' or '\u2068' or '\u2069' or '\u200e' or '\u200f'
            or '\ufeff' or '\u2028' or '\u2029' or '\u0085' or '\u00ad').Should().BeEmpty();
    }
}
