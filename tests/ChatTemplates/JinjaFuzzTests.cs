
namespace MiniMind.MLNet.Dpo.ChatTemplates.Tests;

public sealed class JinjaFuzzTests
{
    private const int Mutations = 2000;

    private const string Messages =
        """
        [{"role": "system", "content": "Be brief."}, {"role": "user", "content": [{"type": "text", "text": "Hi 😀"}]},
         {"role": "assistant", "content": "<think>x</think>Hello", "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1.5}}}]},
         {"role": "tool", "content": "1"}]
        """;

    private static readonly string[] s_pieces =
    [
        "{{", "}}", "{%", "%}", "{#", "#}", "-", "+", "(", ")", "[", "]", "{", "}", "'", "\"", "\\", "|", ".", ",", ":", "=", "~", "*",
        "**", "/", "%", "\n", " ",
        " in ", " is ", " not ", " if ", " else ", " and ", "loop", "namespace", "range", "messages", "99999999", "0", "-1", "1.5e300",
        "none", "__class__", "é", "😀",
        "{% for x in messages %}", "{% endfor %}", "{% if messages %}", "{% endif %}", "{% else %}", "{% macro m(a) %}", "{% endmacro %}",
        "{% set x %}", "{% endset %}", "{{ m(1) }}",
        "|tojson", "|length", "|list", "|map('upper')", "|join", "|int", "[::-1]", "[0]", ".split()", " * 1000", " ** 9", " ~ messages",
        "{% break %}", "{% raw %}", "{% endraw %}",
    ];

    [Fact]
    public void Render_MutatedTemplates_EndInTextOrTemplateException()
    {
        string[] sources =
        [
            .. Directory.GetFiles(TestFiles.Golden("templates")).Order(StringComparer.Ordinal).Select(File.ReadAllText),
            .. GoldenFile.Lines(TestFiles.Golden("cases.jsonl")).Select(line => line.GetProperty("template").GetString()!),
        ];
        Random random = new(20260725);
        Dictionary<string, object?> variables = GoldenFile.Variables();
        string tools = File.ReadAllText(TestFiles.Golden("tools.json"));
        int rendered = 0;
        int refused = 0;
        TimeSpan longest = TimeSpan.Zero;

        for (int i = 0; i < Mutations; i++)
        {
            string source = Mutate(random, sources);
            TimeSpan start = ThreadTime.Now();
            try
            {
                Chat.Render(JinjaTemplate.Parse(source), Messages, tools, variables, null, []);
                rendered++;
            }
            catch (TemplateException)
            {
                refused++;
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"mutation {i} ends in {error.GetType().Name}: {source}", error);
            }
            TimeSpan time = ThreadTime.Now() - start;
            longest = time > longest ? time : longest;
        }

        rendered.Should().BeGreaterThan(Mutations / 10, "mutations that never render would test the parser only");
        refused.Should().BeGreaterThan(Mutations / 10);
        longest.Should().BeLessThan(TimeSpan.FromSeconds(1));
    }

    private static string Mutate(Random random, string[] sources)
    {
        string source = sources[random.Next(sources.Length)];
        int changes = random.Next(1, 4);
        for (int i = 0; i < changes; i++)
        {
            int start = random.Next(source.Length + 1);
            int end = Math.Min(source.Length, start + random.Next(1, 12));
            source = random.Next(5) switch
            {
                0 => source[..start] + source[end..],
                1 => source[..end] + source[start..end] + source[end..],
                2 => source[..start] + s_pieces[random.Next(s_pieces.Length)] + source[end..],
                3 => source[..start] + OtherPart(random, sources) + source[start..],
                _ => source[..start] + s_pieces[random.Next(s_pieces.Length)] + source[start..],
            };
        }
        return source;
    }

    private static string OtherPart(Random random, string[] sources)
    {
        string other = sources[random.Next(sources.Length)];
        int start = random.Next(other.Length + 1);
        return other[start..Math.Min(other.Length, start + random.Next(60))];
    }
}
