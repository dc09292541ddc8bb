using System.Text.RegularExpressions;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Tests;

/// <summary>The page of the project: its example is the code here, and gives what the page says.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string s_page = File.ReadAllText(TestFiles.Repository("src", "ChatTemplates", "README.md"));

    [Fact]
    public void Example_OfThePage_GivesWhatItSays()
    {
        // example
        JinjaTemplate template = JinjaTemplate.Parse("{% for message in messages %}<|{{ message.role }}|>{{ message.content | trim }}\n{% endfor %}");
        JinjaList messages = JsonValues.ParseArray("""[{"role": "user", "content": " Hello "}]""", "the messages");
        string text = template.Render(
            [new("messages", messages), new("add_generation_prompt", true)],
            RenderLimits.ForInput(characters: 1000));
        // end

        text.Should().Be(Regex.Unescape(Result().Match(s_page).Groups[1].Value));
        Words(Result().Replace(Code().Match(s_page).Groups[1].Value, ";")).Should().Equal(Words(OwnCode()), "the page shows this very code");
    }

    [Theory]
    [InlineData("urlize")]
    [InlineData("random")]
    public void Parse_FilterThatThePageRefuses_IsRefusedByName(string filter)
    {
        Action parse = () => JinjaTemplate.Parse($"\n{{{{ x | {filter} }}}}");

        parse.Should().Throw<TemplateException>().WithMessage($"chat template:2:8: unknown filter '{filter}'");
    }

    private static string OwnCode()
    {
        string source = File.ReadAllText(TestFiles.Repository("tests", "ChatTemplates", "ReadmeTests.cs"));
        int start = source.IndexOf("// example\n", StringComparison.Ordinal) + "// example\n".Length;
        return source[start..source.IndexOf("// end", StringComparison.Ordinal)];
    }

    private static string[] Words(string text) => text.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@";\s*// ""(.*)""")]
    private static partial Regex Result();
}
