namespace MiniMind.MLNet.Dpo.Bench.LossComparison;

/// <summary>Writes the pages: what stands in double braces in their texts becomes tables and numbers out of the files of results.</summary>
internal static class Pages
{
    private const string Docs = "docs", Texts = "bench/LossComparison/pages";
    private static readonly string[] s_comparisons = ["persona"], s_collapses = ["collapse"];

    /// <summary>Writes pages and pictures anew.</summary>
    public static void Write()
    {
        string folder = Path.Combine(Docs, "loss-comparison");
        Dictionary<string, string> parts = [];
        foreach (string name in s_comparisons)
        {
            if (ResultFile.Read<ComparisonResults>(Path.Combine(folder, $"{name}.json")) is not { } results)
                continue;
            ComparisonPage page = new(results);
            parts[$"{name}.count"] = page.Count();
            (parts[$"{name}.setting"], parts[$"{name}.table"], parts[$"{name}.rates"]) = (page.Setting(), page.Table(), page.Rates());
            File.WriteAllText(Path.Combine(folder, $"{name}.svg"), page.Picture());
        }
        foreach (string name in s_collapses)
        {
            if (ResultFile.Read<CollapseResults>(Path.Combine(folder, $"{name}.json")) is not { } results)
                continue;
            CollapsePage page = new(results);
            (parts[$"{name}.setting"], parts[$"{name}.table"], parts[$"{name}.said"]) = (page.Setting(), page.Table(), page.Said());
            File.WriteAllText(Path.Combine(folder, $"{name}.svg"), page.Picture());
        }
        foreach (string text in Directory.EnumerateFiles(Texts, "*.md"))
        {
            string filled = parts.Aggregate(File.ReadAllText(text), (page, part) => page.Replace($"{{{{{part.Key}}}}}", part.Value, StringComparison.Ordinal));
            File.WriteAllText(Path.Combine(Docs, Path.GetFileName(text)), filled);
        }
    }
}
