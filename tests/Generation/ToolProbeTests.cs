using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>What is found out about a template's tools.</summary>
public sealed class ToolProbeTests
{
    [Fact]
    public void Format_OfEachForm_IsReadFromTheTemplate()
    {
        new ToolProbe(ToolTemplates.Hermes).Format.Should().BeEquivalentTo(new ToolCallFormat("<tool_call>", "</tool_call>", false, "name", "arguments", []));
        new ToolProbe(ToolTemplates.Opening).Format.Should().BeEquivalentTo(new ToolProbe(ToolTemplates.Hermes).Format);
        new ToolProbe(ToolTemplates.Bare).Format.Should().BeEquivalentTo(new ToolCallFormat("", "", false, "name", "parameters", []));
        new ToolProbe(ToolTemplates.List).Format.Should().BeEquivalentTo(new ToolCallFormat("[TOOL_CALLS]", "", true, "name", "arguments", ["id"]));
    }

    [Fact]
    public void Format_ThatIsNoJson_IsNone()
    {
        ToolProbe probe = new(ToolTemplates.Elements);

        (probe.WritesTools, probe.WritesCalls, probe.WritesResults, probe.Format).Should().Be((true, true, true, null));
        probe.WrittenCall.Should().Contain("<function=");
    }

    [Theory]
    [InlineData("""{{- '{"type": "function", "function": {"name": "' ~ c.function.name ~ '", "arguments": ' ~ c.function.arguments | tojson ~ '}}' }}""")]
    [InlineData("""{{- c.function.name ~ '(' ~ c.function.arguments | tojson ~ ')' }}""")]
    [InlineData("""{{- '<call>' ~ c.function.name ~ '</call>' ~ c.function.arguments | tojson }}""")]
    [InlineData("""{{- '{"name": "' ~ c.function.name ~ '"} ' ~ c.function.arguments | tojson }}""")]
    [InlineData("""{{- '{"name": "' ~ c.function.name ~ '", "arguments": ' ~ c.function.arguments | tojson ~ '}</call>' }}""")]
    public void Format_OfAnotherShape_IsNone(string call)
    {
        ToolProbe probe = new(ChatTemplate.Parse(
            "{{ tools | tojson }}{% for m in messages %}<|{{ m.role }}|>{{ m.content }}{% for c in m.tool_calls or [] %}" + call
            + "{% endfor %}<|end|>{% endfor %}"));

        (probe.WritesCalls, probe.Format).Should().Be((true, null));
    }

    [Fact]
    public void Probe_OfATemplateWithoutTools_FindsNone()
    {
        ToolProbe probe = new(ChatTemplate.ChatMl), forgetful = new(ToolTemplates.Forgetful);

        (probe.WritesTools, probe.WritesCalls, probe.Format, probe.ReadsReasoning).Should().Be((false, false, null, false));
        (forgetful.WritesTools, forgetful.WritesCalls, forgetful.WritesResults).Should().Be((true, false, true));
    }

    [SkippableFact]
    public void Format_OfMiniMindsTemplate_IsThatOfHermes()
    {
        string file = TestFiles.Shared("fetched", "minimind-tokenizer", "tokenizer_config.json");
        ToolProbe probe = new(ChatTemplate.FromTokenizerConfig(File.ReadAllText(file)));

        probe.Format.Should().BeEquivalentTo(new ToolCallFormat("<tool_call>", "</tool_call>", false, "name", "arguments", []));
        (probe.WritesTools, probe.WritesCalls, probe.WritesResults, probe.ReadsReasoning).Should().Be((true, true, true, true));
    }
}
