using System.Text;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Tests;

/// <summary>Goldens of eng/jinja-goldens.py, one JSON object a line: what Python's Jinja2 makes of templates.</summary>
internal static class GoldenFile
{
    /// <summary>The clock that the goldens were made with.</summary>
    public static TimeProvider Clock { get; } = new FixedClock(new DateTimeOffset(2024, 7, 6, 9, 5, 3, TimeSpan.Zero));

    public static List<JsonElement> Lines(string path) => [.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];

    /// <summary>The variables of the small templates.</summary>
    public static Dictionary<string, object?> Variables()
    {
        JsonElement all = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(TestFiles.Golden("variables.json")));
        return all.EnumerateObject().ToDictionary(pair => pair.Name, pair => (object?)pair.Value);
    }

    /// <summary>
    /// How a rendering differs from the golden's text; where the golden has an error, how it differs from that one,
    /// in its words and in whether parsing or rendering finds it.
    /// </summary>
    /// <returns>Null where there is no difference.</returns>
    public static string? Difference(JsonElement golden, Func<JinjaTemplate> parse, Func<JinjaTemplate, string> render)
    {
        bool isParsed = false;
        try
        {
            JinjaTemplate template = parse();
            isParsed = true;
            string given = render(template);
            bool isRight = golden.TryGetProperty("text", out JsonElement text) && given == text.GetString();
            return isRight ? null : $"{golden}\n  gives: {JsonSerializer.Serialize(given)}";
        }
        catch (TemplateException error)
        {
            return golden.TryGetProperty("error", out JsonElement message) && IsExpected(golden, message.GetString()!, error, isParsed)
                ? null
                : $"{golden}\n  fails in {(isParsed ? "rendering" : "parsing")}: {error.Message}";
        }
    }

    /// <summary>The differences of many goldens as one text, for an assertion that shows them.</summary>
    public static string Report(IEnumerable<string?> differences)
    {
        StringBuilder report = new();
        foreach (string difference in differences.OfType<string>())
            report.AppendLine(difference);
        return report.ToString();
    }

    private static bool IsExpected(JsonElement golden, string message, TemplateException error, bool isParsed) =>
        error.Reason == ErrorWords.Expected(golden.GetProperty("template").GetString()!, message)
        && error.Line > 0 && isParsed != ErrorWords.IsFoundByParsing(golden.GetProperty("kind").GetString()!, error.Reason);

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => now;
    }
}
