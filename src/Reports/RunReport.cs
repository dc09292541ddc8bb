using System.Text;
using MiniMind.MLNet.Dpo.Training.Records;

namespace MiniMind.MLNet.Dpo.Reports;

/// <summary>A run folder as one page: it needs no network and no scripts, and forbids itself both.</summary>
internal static class RunReport
{
    public const string FileName = "report.html";

    private static readonly (string Id, string Title, Action<HtmlWriter, RunFolder> Write)[] s_parts =
    [
        ("trained", "What was trained on what", OverviewPart.Write),
        ("data", "Diagnosis of the data", DiagnosisPart.Write),
        ("masks", "What is trained on", MaskPart.Write),
        ("curves", "Curves", CurvePart.Write),
        ("figures", "Held-out figures", FigurePart.Write),
        ("answers", "Answers before and after", AnswerPart.Write),
        ("guards", "Guards", GuardPart.Write),
        ("repeat", "How to repeat it", RepeatPart.Write),
    ];

    /// <summary>Writes the page of a run folder beside its name, and renames it when it is whole.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="path">The page.</param>
    public static void Write(string folder, string path) => ReplacedFile.Write(path, Encoding.UTF8.GetBytes(Page(new RunFolder(folder))));

    /// <summary>The page.</summary>
    public static string Page(RunFolder run)
    {
        HtmlWriter page = new();
        page.Markup("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n")
            .Markup("<meta http-equiv=\"Content-Security-Policy\" ")
            .Markup("content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\"/>\n")
            .Markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<meta name=\"referrer\" content=\"no-referrer\"/>\n<title>")
            .Plain($"{run.Name}: training report").Markup("</title>\n<style>\n").Markup(ReportStyle.Css).Markup("\n</style>\n</head>\n<body>\n");
        OverviewPart.Head(page, run);
        OverviewPart.Summary(page, run);
        page.Markup("<nav>\n");
        foreach ((string id, string title, _) in s_parts)
            page.Markup($"<a href=\"#{id}\">").Plain(title).Markup("</a>\n");
        page.Markup("</nav>\n");
        foreach (string fault in run.Faults)
            page.Markup("<p class=\"spoke\">").Text(fault).Markup("</p>\n");
        foreach ((string id, string title, Action<HtmlWriter, RunFolder> write) in s_parts)
        {
            page.Markup($"<section id=\"{id}\">\n").Heading(title);
            write(page, run);
            page.Markup("</section>\n");
        }
        return page.Markup("</body>\n</html>\n").ToString();
    }
}
