
namespace MiniMind.MLNet.Dpo.ChatTemplates.Tests;

public sealed class JinjaErrorTests
{
    [Theory]
    [InlineData("{% if a %}\n  {% frobnicate %}\n{% endif %}", 2, 6, "unknown tag 'frobnicate'")]
    [InlineData("{{ a }}\n{{ a | frobnicate }}", 2, 8, "unknown filter 'frobnicate'")]
    [InlineData("{% if false %}{{ a | frobnicate }}{% endif %}", 1, 22, "unknown filter 'frobnicate'")]
    [InlineData("{{ l | map('frobnicate') }}", 1, 8, "unknown filter 'frobnicate' in 'map'")]
    [InlineData("{{ l | selectattr('x', 'frobnicate') }}", 1, 8, "unknown test 'frobnicate' in 'selectattr'")]
    [InlineData("{{ a is frobnicate }}", 1, 9, "unknown test 'frobnicate'")]
    [InlineData("{{ a.frobnicate() }}", 1, 6, "unknown method 'frobnicate'")]
    [InlineData("{{ 'a'.isdecimal() }}", 1, 8, "unknown method 'isdecimal'")]
    [InlineData("{{ 'a'.encode('utf-8') }}", 1, 8, "unknown method 'encode'")]
    [InlineData("{{ a.__class__ }}", 1, 6, "access to attribute '__class__' is unsafe: names that begin with an underscore are refused")]
    [InlineData("{% include 'x' %}", 1, 4, "the tag 'include' is not supported: a chat template stands alone")]
    [InlineData("a\nb\n  {{ 'x", 3, 6, "the string that begins here has no end")]
    [InlineData("{% for x in y %}", 1, 4, "unexpected end of template: the tag 'for' is not closed by 'endfor' or 'else'")]
    [InlineData("{% if x %}{% endfor %}", 1, 14, "the tag 'endfor' closes nothing that is open here")]
    [InlineData("{{ (1, 2 }}", 1, 10, "unexpected '}', expected ')'")]
    [InlineData("{{ '\\ud800' }}", 1, 5, "the escape \\ud800 is no character")]
    public void Parse_WrongTemplate_NamesWhatAndWhere(string source, int line, int column, string reason)
    {
        Action parse = () => JinjaTemplate.Parse(source);

        TemplateException error = parse.Should().Throw<TemplateException>().Which;
        error.Message.Should().Be($"chat template:{line}:{column}: {reason}");
        (error.Line, error.Column, error.Reason).Should().Be((line, column, reason));
    }

    [Theory]
    [InlineData("{{ messages[5].role }}", 1, 15, "list object has no element 5")]
    [InlineData("{{ 'a' + messages }}", 1, 8, "can only concatenate str (not \"list\") to str")]
    [InlineData("{{ messages[0].rolle ~ '' }}\n{{ messages[0].rolle + '' }}", 2, 22, "'dict object' has no attribute 'rolle'")]
    [InlineData("{% for m in messages %}\n{% for p in m.content.parts.all %}{% endfor %}{% endfor %}", 2, 28, "'str object' has no attribute 'parts'")]
    [InlineData("{{ messages | length / nothing }}", 1, 22, "'nothing' is undefined")]
    [InlineData("a{{ raise_exception('no ' ~ messages[0].role) }}", 1, 20, "no user")]
    [InlineData("{{ messages | map('upper') }}", 1, 1, "a value of type 'generator' cannot be printed")]
    [InlineData("{{ messages.append(1) }}", 1, 19, "access to attribute 'append' of 'list' object is unsafe.")]
    [InlineData("{{ strftime_now('%Q') }}", 1, 16, "strftime_now does not know the directive '%Q'")]
    [InlineData("{{ '%o' % 8 }}", 1, 9, "the conversion '%o' at index 1 of a format is not supported; it can be s, r, d, i, x, X, f, F or %")]
    [InlineData("{{ '{:o}'.format(8) }}", 1, 17, "the format 'o' for a value of type 'int' is not supported")]
    [InlineData("{{ {'a': 1}.items() == {'a': 1}.items() }}", 1, 21, "comparing the keys, values or items of dicts is not supported")]
    [InlineData("{{ 'a' is sameas('a' ~ '') }}", 1, 11, "whether two equal values of type 'str' are the same object is not defined; compare with ==")]
    public void Render_FailingTemplate_NamesWhatAndWhere(string source, int line, int column, string reason)
    {
        JinjaTemplate template = JinjaTemplate.Parse(source);

        Action render = () => Chat.Render(template, """[{"role": "user", "content": "Hello"}]""", null, [], null, null);

        render.Should().Throw<TemplateException>().WithMessage($"chat template:{line}:{column}: {reason}");
    }

    [Fact]
    public void Parse_MethodOfNamespace_IsNotRefused()
    {
        const string Source = "{% macro m(x) %}<{{ x }}>{% endmacro %}{% set ns = namespace() %}{% set ns.wrap = m %}{{ ns.wrap(1) }}";

        Chat.Render(Source).Should().Be("<1>");
    }

    [Fact]
    public void Parse_ManyShallowExpressions_DoNotAddUpToDepth()
    {
        string source = string.Concat(Enumerable.Repeat("{{ (messages[0].content | trim if messages else 'x') if true }}", 500));

        Chat.Render(source, """[{"content": " a "}]""").Should().Be(new string('a', 500));
    }
}
