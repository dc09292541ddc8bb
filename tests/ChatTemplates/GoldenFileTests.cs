using System.Text.Json;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Tests;

/// <summary>The comparison with goldens tells a wrong text, a wrong error and an error at the wrong time.</summary>
public sealed class GoldenFileTests
{
    [Theory]
    [InlineData("""{"template": "{{ a }}", "text": ""}""")]
    [InlineData("""{"template": "{{ a + 1 }}", "error": "'a' is undefined", "kind": "UndefinedError"}""")]
    [InlineData("""{"template": "{% nothing %}", "error": "Encountered unknown tag 'nothing'.", "kind": "TemplateSyntaxError"}""")]
    [InlineData("""{"template": "{{ 1|nothing }}", "error": "No filter named 'nothing'.", "kind": "TemplateAssertionError"}""")]
    public void Difference_WhatTheGoldenSays_IsNone(string golden) => Difference(golden).Should().BeNull();

    [Theory]
    [InlineData("""{"template": "{{ a }}", "text": "a"}""", "gives: \"\"")]
    [InlineData("""{"template": "{{ a }}", "error": "'a' is undefined", "kind": "UndefinedError"}""", "gives: \"\"")]
    [InlineData("""{"template": "{{ a + 1 }}", "text": ""}""", "fails in rendering: chat template:1:6: 'a' is undefined")]
    [InlineData(
        """{"template": "{{ a + 1 }}", "error": "'b' is undefined", "kind": "UndefinedError"}""",
        "fails in rendering: chat template:1:6: 'a' is undefined")]
    [InlineData(
        """{"template": "{{ a + 1 }}", "error": "'a' is undefined", "kind": "TemplateSyntaxError"}""",
        "fails in rendering: chat template:1:6: 'a' is undefined")]
    [InlineData(
        """{"template": "{% nothing %}", "error": "Encountered unknown tag 'nothing'.", "kind": "TypeError"}""",
        "fails in parsing: chat template:1:4: unknown tag 'nothing'")]
    [InlineData(
        """{"template": "{{ 1|nothing }}", "error": "No test named 'nothing'.", "kind": "TemplateAssertionError"}""",
        "fails in parsing: chat template:1:6: unknown filter 'nothing'")]
    public void Difference_SomethingElse_IsTold(string golden, string told) => Difference(golden).Should().EndWith(told);

    private static string? Difference(string golden)
    {
        JsonElement line = JsonSerializer.Deserialize<JsonElement>(golden);
        return GoldenFile.Difference(line, () => JinjaTemplate.Parse(line.GetProperty("template").GetString()!), template => template.Render([]));
    }
}
