using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Tokenization;

/// <summary>Which variables can change what a template writes.</summary>
public class TemplateInputTests
{
    [Theory]
    [InlineData("{{ enable_thinking }}", "enable_thinking", true)]
    [InlineData("{% if enable_thinking is defined and enable_thinking %}x{% endif %}", "enable_thinking", true)]
    [InlineData("{% set mode = mode | default('a') %}{{ mode }}", "mode", true)]
    [InlineData("{% if mode is not defined %}{% set mode = 1 %}{% endif %}{{ mode }}", "mode", true)]
    [InlineData("{% set mode = 1 %}{{ mode }}", "mode", false)]
    [InlineData("{% set mode %}text{% endset %}{{ mode }}", "mode", false)]
    [InlineData("{% set a, b = [1, 2] %}{{ b }}", "b", false)]
    [InlineData("{% for m in messages %}{{ m.role }}{{ loop.index }}{% endfor %}", "m", false)]
    [InlineData("{% for m in messages %}{{ loop.index }}{% endfor %}", "loop", false)]
    [InlineData("{% for m in messages %}{% endfor %}{{ m }}", "m", true)]
    [InlineData("{% for m in messages if m.role == keep %}{% endfor %}", "keep", true)]
    [InlineData("{% for m in messages if m.role == keep %}{% endfor %}", "m", false)]
    [InlineData("{% macro say(x) %}{{ x }}{{ style }}{% endmacro %}{{ say(1) }}", "x", false)]
    [InlineData("{% macro say(x) %}{{ x }}{{ style }}{% endmacro %}{{ say(1) }}", "style", true)]
    [InlineData("{% macro say(x) %}{{ x }}{% endmacro %}{{ say(1) }}", "say", false)]
    [InlineData("{% with y = 1 %}{{ y }}{% endwith %}", "y", false)]
    [InlineData("{% with y = 1 %}{{ y }}{% endwith %}{{ y }}", "y", true)]
    [InlineData("{% set ns = namespace(found=false) %}{% set ns.found = flag %}", "ns", false)]
    [InlineData("{% set ns = namespace(found=false) %}{% set ns.found = flag %}", "flag", true)]
    [InlineData("{{ raise_exception('no') }}", "raise_exception", false)]
    [InlineData("{{ messages }}{{ tools }}{{ add_generation_prompt }}", "messages", false)]
    [InlineData("{{ messages }}{{ tools }}{{ add_generation_prompt }}", "tools", false)]
    [InlineData("text", "anything", false)]
    public void Reads_Variable_IsWhetherItsValueArrives(string template, string variable, bool expected) =>
        ChatTemplate.Parse(template).Reads(variable).Should().Be(expected);
}
