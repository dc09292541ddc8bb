using System.Text;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization.Jinja;

/// <summary>Goldens of eng/jinja-goldens.py, one JSON object a line: what Python's Jinja2 makes of templates.</summary>
internal static class GoldenFile
{
    /// <summary>The clock that the goldens were made with.</summary>
    public static TimeProvider Clock { get; } = new FixedClock(new DateTimeOffset(2024, 7, 6, 9, 5, 3, TimeSpan.Zero));

    public static List<JsonElement> Lines(string path) => [.. File.ReadLines(path).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];

    /// <summary>The variables of the small templates.</summary>
    public static Dictionary<string, object?> Variables()
    {
        JsonElement all = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(TestFiles.Golden("jinja", "variables.json")));
        return all.EnumerateObject().ToDictionary(pair => pair.Name, pair => (object?)pair.Value);
    }

    /// <summary>
    /// How a rendering differs from the text under <paramref name="expected"/>, or from the error that the golden has instead; null where it does not.
    /// </summary>
    public static string? Difference(JsonElement golden, Func<string> render, string expected = "text")
    {
        bool fails = !golden.TryGetProperty(expected, out JsonElement text);
        try
        {
            string given = render();
            return !fails && given == text.GetString() ? null : $"{golden}\n  gives: {JsonSerializer.Serialize(given)}";
        }
        catch (ChatTemplateException error)
        {
            return fails ? null : $"{golden}\n  fails: {error.Message}";
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

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => now;
    }
}
