
namespace MiniMind.MLNet.Dpo.ChatTemplates.Tests;

public sealed class HostileTemplateTests
{
    private const long MaxBytes = 200 << 20;
    private static readonly TimeSpan s_maxTime = TimeSpan.FromSeconds(1);

    private const string Messages = """[{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hi"}]""";
    private const string Limit = "(does more than \\d+ steps|makes a text of more than \\d+ characters|makes strings and lists of more than \\d+ MB)";
    private const string Double = "{% set ns = namespace(x='aaaaaaaaaaaaaaaa', l=[1, 2]) %}{% for i in range(60) %}";

    /// <summary>Each template with a pattern that its error must match.</summary>
    public static TheoryData<string, string> Templates => new()
    {
        // loops without end
        { "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}", "steps" },
        { "{% for a in messages recursive %}{{ loop(messages) }}{% endfor %}", "deeper than" },
        { "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "deeper than" },
        { "{% macro a() %}{% call b() %}{% endcall %}{% endmacro %}{% macro b() %}{{ caller() }}{{ a() }}{% endmacro %}{{ a() }}", "deeper than" },
        { "{{ range(100001) }}", "Range too big" },
        { "{{ range(10 ** 18)|list }}", "Range too big" },
        { "{{ range(-(10 ** 40)) }}", "Range too big" },

        // text without end
        {
            "{% for i in range(100000) %}{% for j in range(10000) %}aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{% endfor %}{% endfor %}",
            Limit
        },
        { "{{ 'a' * 1000000000 }}", Limit },
        { "{{ 'ab' * 4611686018427387904 }}", Limit },
        { "{{ 'a' * (10 ** 30) }}", "index-sized" },
        { Double + "{% set ns.x = ns.x ~ ns.x %}{% endfor %}", Limit },
        { Double + "{% set ns.x = ns.x + ns.x %}{% endfor %}", Limit },
        { Double + "{% set ns.x %}{{ ns.x }}{{ ns.x }}{% endset %}{% endfor %}", Limit },
        { Double + "{% set ns.x = ns.x|replace('a', 'aa') %}{% endfor %}", Limit },
        { Double + "{% set ns.x = [ns.x, ns.x]|join %}{% endfor %}", Limit },
        { Double + "{% set ns.x = '%s%s' % (ns.x, ns.x) %}{% endfor %}", Limit },
        { Double + "{% set ns.x = '{0}{0}'.format(ns.x) %}{% endfor %}", Limit },
        { Double + "{% set ns.x = ns.x|indent(1000) %}{% endfor %}{{ ns.x * 100000000 }}", Limit },
        { "{% set x = 'a' * 1000000 %}{% set l = [x] * 1000 %}{{ l }}", Limit },
        { "{% set x = 'a' * 1000000 %}{% set l = [x] * 1000 %}{{ l|tojson }}", Limit },
        { "{% set x = 'a' * 1000000 %}{{ x.replace('a', x) }}", Limit },
        { "{{ 'x'|center(1000000000) }}", Limit },
        { "{{ 'x'.zfill(2000000000) }}", Limit },
        { "{{ '\\t'.expandtabs(2000000000) }}", Limit },
        { "{{ 'a\\nb'|indent(2000000000) }}", Limit },
        { "{{ [[1]]|tojson(indent=2000000000) }}", Limit },
        { "{{ '%1000000000d' % 1 }}", "width or precision" },
        { "{{ '{:>1000000000}'.format(1) }}", "width or precision" },
        { "{{ '%.1000000000f' % 1.5 }}", "width or precision" },
        { "{% set x = '%Y' * 5000000 %}{{ strftime_now(x) }}", Limit },

        // lists without end
        { Double + "{% set ns.l = ns.l + ns.l %}{% endfor %}", Limit },
        { Double + "{% set ns.l = ns.l * 2 %}{% endfor %}", Limit },
        { "{{ [1] * 1000000000 }}", Limit },
        { "{{ [1]|batch(1000000000, 'x')|list }}", Limit },
        { "{{ [1]|slice(1000000000)|list }}", Limit },
        { "{{ ('a' * 10000000)|list|length }}", Limit },
        { "{{ (' a' * 5000000).split()|length }}", Limit },
        { "{{ ('\\n' * 10000000).splitlines()|length }}", Limit },

        // small templates with much work
        { "{% set x = 'a' * 8000000 %}{% for i in range(100000) %}{{ 'b' in x }}{% endfor %}", Limit },
        { "{% set x = 'a' * 1000000 %}{% set y = 'a' * 500000 ~ 'b' %}{% for i in range(100000) %}{{ y in x }}{% endfor %}", Limit },
        { "{% set x = 'a' * 1000000 %}{% set y = 'a' * 15 ~ 'b' ~ 'a' * 16 %}{% for i in range(100000) %}{{ x.find(y) }}{{ x.rfind(y) }}{% endfor %}", Limit },
        { "{% set x = 'a' * 1000000 %}{% for i in range(100000) %}{{ x.strip('abc')|length }}{% endfor %}", Limit },
        { "{% set x = 'é' * 1000000 %}{% for i in range(100000) %}{{ x.upper()|length }}{% endfor %}", Limit },
        { "{% set x = '😀' * 1000000 %}{% for i in range(100000) %}{{ x[999999] }}{% endfor %}", Limit },
        { "{% set l = range(100000)|list %}{% for i in l %}{{ -1 in l }}{% endfor %}", Limit },
        { "{% set l = range(100000)|list %}{% for i in l %}{{ l == l[:] }}{% endfor %}", Limit },
        { "{% set l = range(100000)|list %}{% for i in l %}{{ l|sort }}{% endfor %}", Limit },
        { "{% set x = 3 ** 1000 %}{% for i in range(100000) %}{{ (x * x) % 7 }}{% endfor %}", Limit },
        { "{{ 9 ** (9 ** 9) }}", "bits" },
        { "{{ 2 ** (2 ** 62) }}", "bits" },
        { "{% set ns = namespace(x=3) %}{% for i in range(100) %}{% set ns.x = ns.x * ns.x %}{% endfor %}", "bits" },
        { "{{ ('9' * 1000000)|int }}", "digits" },

        { "{% set x = 'a' * 4000000 %}{% set d = {1: 1, 2: 2, 3: 3, x: 4} %}{% for i in range(100000) %}{{ d[x] }}{{ d['b' ~ x] }}{% endfor %}", Limit },
        { "{% set x = 'a' * 4000000 %}{% for i in range(100000) %}{{ l|map(x)|list }}{{ messages|map(x)|list }}{% endfor %}", Limit + "|unknown filter" },
        { "{% for i in range(100000) %}{{ '%.1000f' % 1e300 }}{% endfor %}", Limit },
        { "{% for i in range(100000) %}{{ 1e308|round(300) }}{% endfor %}", Limit },
        { "{% for i in range(100000) %}{{ ''" + string.Concat(Enumerable.Repeat(" ~ ''", 30_000)) + " }}{% endfor %}", Limit },
        { "{% for i in range(100000) %}{% if 0" + string.Concat(Enumerable.Repeat(" or 0", 30_000)) + " %}{% endif %}{% endfor %}", Limit },
        { "{% for i in range(100000) %}{% if 0 %}" + string.Concat(Enumerable.Repeat("{% elif 0 %}", 15_000)) + "{% endif %}{% endfor %}", Limit },
        { "{% for i in range(100000) %}" + string.Concat(Enumerable.Range(0, 10_000).Select(n => $"{{% set v{n} = 0 %}}")) + "{% endfor %}", Limit },
        {
            "{% macro m(" + string.Join(", ", Enumerable.Range(0, 8000).Select(n => $"v{n}")) + ") %}{% endmacro %}{% for i in range(100000) %}{{ m("
                + string.Join(", ", Enumerable.Range(0, 8000).Reverse().Select(n => $"v{n}=0")) + ") }}{% endfor %}",
            Limit
        },

        // values within values
        { "{% set ns = namespace(x=[]) %}{% for i in range(100000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}", "deeper than" },
        { "{% set ns = namespace(x=[]) %}{% for i in range(100000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x|tojson }}", "deeper than" },
        {
            "{% set ns = namespace(x=[], y=[]) %}{% for i in range(50000) %}{% set ns.x = [ns.x] %}{% set ns.y = [ns.y] %}{% endfor %}{{ ns.x == ns.y }}",
            "deeper than"
        },
        {
            "{% set ns = namespace(x=[], y=[]) %}{% for i in range(50000) %}{% set ns.x = [ns.x] %}{% set ns.y = [ns.y] %}{% endfor %}{{ ns.x < ns.y }}",
            "deeper than"
        },
        { "{% set ns = namespace(x=(1,)) %}{% for i in range(100000) %}{% set ns.x = (ns.x,) %}{% endfor %}{{ {ns.x: 1} }}", Limit + "|deeper than" },
        { "{% set ns = namespace(x=[1]) %}{% for i in range(100000) %}{% set ns.x = ns.x|map('string') %}{% endfor %}{{ ns.x|list }}", "deeper than" },
        { "{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}", Limit },
        {
            "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}"
                + "{% endfor %}{{ ns.x == ns.y }}",
            Limit
        },
        { "{% set ns = namespace(x=(1,)) %}{% for i in range(60) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {ns.x: 1} }}", Limit },
        { "{% set ns = namespace() %}{% set ns.me = ns %}{{ ns }}", "deeper than" },
        { "{{ 'a' * 10000000 + '' if (messages|map('string')|join * 1000000) else '' }}", Limit },

        // reaching out of the sandbox
        { "{{ ''.__class__.__mro__ }}", "__class__" },
        { "{{ messages['__class__'] }}", "unsafe" },
        { "{{ messages[0]['__init__'] }}", "unsafe" },
        { "{{ messages|attr('__class__') }}", "unsafe" },
        { "{{ messages|map(attribute='__class__')|list }}", "unsafe" },
        { "{{ '{0.__class__}'.format(messages) }}", "unsafe" },
        { "{{ '{0[__class__]}'.format(messages) }}", "unsafe" },
        { "{{ raise_exception.__globals__ }}", "unsafe" },
        { "{{ messages.append(1) }}", "unsafe" },
        { "{{ messages[0].update({'role': 'x'}) }}", "unsafe" },
        { "{% include '/etc/passwd' %}", "include" },
        { "{% import 'os' as os %}", "import" },
        { "{% extends 'x' %}", "extends" },
        { "{{ self._TemplateReference__context }}", "self" },
        { "{{ cycler.__init__ }}", "unsafe" },
        { "{{ lipsum() }}", "undefined" },
        { "{% set messages.role = 1 %}", "non-namespace" },
    };

    /// <summary>Sources that are hard to parse; whether they are refused or not, they must do no harm.</summary>
    public static TheoryData<string> Sources => new()
    {
        "{{ " + new string('(', 25_000),
        "{{ " + new string('(', 100_000) + "1" + new string(')', 100_000) + " }}",
        "{{ " + new string('[', 125_000),
        "{{ " + string.Concat(Enumerable.Repeat("{1:", 75_000)),
        "{{ " + string.Concat(Enumerable.Repeat("not ", 50_000)) + "1 }}",
        "{{ " + new string('-', 225_000) + "1 }}",
        "{{ 1" + string.Concat(Enumerable.Repeat(" + 1", 50_000)) + " }}",
        "{{ 1" + string.Concat(Enumerable.Repeat(" ** 1", 25_000)) + " }}",
        "{{ 1" + string.Concat(Enumerable.Repeat(" ~ 1", 50_000)) + " }}",
        "{{ 1" + string.Concat(Enumerable.Repeat(" and 1", 25_000)) + " }}",
        "{{ 1" + string.Concat(Enumerable.Repeat(" < 1", 50_000)) + " }}",
        "{{ 1" + string.Concat(Enumerable.Repeat(" if 1", 25_000)) + " }}",
        "{{ 1" + string.Concat(Enumerable.Repeat(" if 1 else 1", 20_000)) + " }}",
        "{{ x" + string.Concat(Enumerable.Repeat(".x", 100_000)) + " }}",
        "{{ x" + string.Concat(Enumerable.Repeat("[0]", 75_000)) + " }}",
        "{{ x" + string.Concat(Enumerable.Repeat("()", 100_000)) + " }}",
        "{{ x" + string.Concat(Enumerable.Repeat("|upper", 37_500)) + " }}",
        "{{ x" + string.Concat(Enumerable.Repeat(" is none", 25_000)) + " }}",
        "{{ f(" + string.Join(", ", Enumerable.Range(0, 20_000).Select(n => $"v{n}=0")) + ") }}",
        "{% macro m(" + string.Join(", ", Enumerable.Range(0, 30_000).Select(n => $"v{n}")) + ") %}{% endmacro %}{{ m() }}",
        "{% set " + new string('(', 100_000) + "a = 1 %}",
        "{% set a" + string.Concat(Enumerable.Repeat(",a", 100_000)) + " = 1 %}",
        string.Concat(Enumerable.Repeat("{% if 1 %}", 22_500)),
        string.Concat(Enumerable.Repeat("{% for x in y %}", 15_000)),
        string.Concat(Enumerable.Repeat("{% macro m() %}", 15_000)),
        "{% if 1 %}" + string.Concat(Enumerable.Repeat("{% elif 1 %}", 20_000)) + "{% endif %}",
        string.Concat(Enumerable.Repeat("{% raw ", 35_000)),
        string.Concat(Enumerable.Repeat("{% raw %}", 25_000)),
        string.Concat(Enumerable.Repeat("{#", 125_000)),
        string.Concat(Enumerable.Repeat("{{", 125_000)),
        string.Concat(Enumerable.Repeat("{%-", 82_500)),
        "{%" + new string(' ', 225_000),
        "{{ '" + new string('\\', 225_000),
        "{{ " + new string('9', 225_000) + " }}",
        "{{ 0x" + new string('f', 225_000) + " }}",
        "{{ 1e" + new string('9', 225_000) + " }}",
        new string('\n', 225_000) + "{{",
        "{{ '\ud800' }}\ud800",
        new string('a', 500_000),
    };

    [Theory]
    [MemberData(nameof(Templates))]
    public void Render_HostileTemplate_IsRefusedSoonWithLittleMemory(string template, string reason)
    {
        Exception? error = null;

        (TimeSpan time, long bytes) = Measure(() => error = Record.Exception(() => Chat.Render(template, Messages)));

        error.Should().BeOfType<TemplateException>().Which.Message.Should().MatchRegex(reason).And.MatchRegex(@"^chat template:\d+:\d+: ");
        time.Should().BeLessThan(s_maxTime);
        bytes.Should().BeLessThan(MaxBytes);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void Parse_HostileSource_EndsSoonWithLittleMemory(string source)
    {
        Exception? error = null;

        (TimeSpan time, long bytes) = Measure(() => error = Record.Exception(() => Chat.Render(source, Messages)));

        if (error is not null)
            error.Should().BeOfType<TemplateException>();
        time.Should().BeLessThan(s_maxTime);
        bytes.Should().BeLessThan(MaxBytes);
    }

    [Fact]
    public void Render_DeepTemplateOnSmallStack_IsRefused()
    {
        const string Template = "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(100000) }}";
        Exception? error = null;
        Thread thread = new(() => error = Record.Exception(() => Chat.Render(Template, Messages)), maxStackSize: 256 * 1024);

        thread.Start();
        thread.Join();

        error.Should().BeOfType<TemplateException>("a small stack must end in an error too, never in a crash");
    }

    private static (TimeSpan Time, long Bytes) Measure(Action action)
    {
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        TimeSpan start = ThreadTime.Now();
        action();
        return (ThreadTime.Now() - start, GC.GetAllocatedBytesForCurrentThread() - bytes);
    }
}
