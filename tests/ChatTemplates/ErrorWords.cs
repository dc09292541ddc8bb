using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Tests;

/// <summary>Python's messages in the words of this project, where it says a thing in its own.</summary>
internal static class ErrorWords
{
    private static readonly (string Python, string Own)[] s_rules =
    [
        (@"^No (filter|test) named '(.+)'\.$", "unknown $1 '$2'"),
        (@"^Encountered unknown tag '(end\w+|else|elif)'.*$", "the tag '$1' closes nothing that is open here"),
        (@"^Encountered unknown tag '(\w+)'.*$", "unknown tag '$1'"),
        (@"^Unexpected end of template\. .* following tags: (.+)\. The innermost .* is '(\w+)'\.$",
            "unexpected end of template: the tag '$2' is not closed by $1"),
        (@"^expected token 'name', got ", "expected a name, got "),
        (@"^expected token 'end of print statement', got ", "expected '}}', got "),
        (@"^expected token '(\w+)', got ", "expected '$1', got "),
        (@"^Expected an expression, got ", "expected an expression, got "),
        (@"^unexpected char '(.)' at \d+$", "unexpected char '$1'"),
        (@"^the inline if-expression on line \d+ ", "the inline if-expression "),
        (@"^'(break|continue)' outside loop \(.*\)$", "'$1' outside of a loop"),
    ];

    // single templates of which this project says something else, more to the point or for want of support
    private static readonly Dictionary<string, string> s_templates = new()
    {
        ["{% raw +%}x{% endraw %}"] = "unknown tag 'raw'",
        ["{{ d.zzz() }}"] = "unknown method 'zzz'",
        ["{{ s.split(1) }}"] = "separator must be str, not int",
        ["{{ '{}'.format() }}"] = "Replacement index 0 out of range for positional args tuple",
        ["{{ m|sort }}"] = "'<' not supported between instances of 'NoneType' and 'list'",
        ["{{ l|map('nothing')|list }}"] = "unknown filter 'nothing' in 'map'",
        ["{% filter length %}abc{% endfilter %}"] = "the filters of a filter block give text, not int",
        ["{{ range() }}"] = "range expected 1 to 3 arguments, got 0",
        ["{{ 'a }}"] = "the string that begins here has no end",
        ["{% for 1 in l %}{% endfor %}"] = "expected a name, got 'integer'",
        ["{% set 1 = 2 %}"] = "expected a name, got 'integer'",
        ["{% set true = 1 %}"] = "can't assign to 'true'",
        ["{% call 1 %}{% endcall %}"] = "the tag 'call' needs a call of a macro",
        ["{% for loop in l %}{% for loop in l %}{% endfor %}{% endfor %}"] = "can't assign to special loop variable in for-loop",
        ["{% block x %}"] = "the tag 'block' is not supported: a chat template stands alone",
        ["{{ ((missing|round) and (not 1)) }}"] = "'missing' is undefined",
        ["{{ (d.a is eq((d.items()[0]|round(1)))) }}"] = "dict_items object has no element 0",
        ["{{ ((ss[5] if ('Hello').removesuffix('ld') else (7 + 1)) ~ '{:>6}|{!r}'.format((u).split(',', 1), (' 42 ' + u))) }}"] =
            "the format '>6' for a value of type 'list' is not supported",
        ["{{ ((ss|indent(2, true)) - 1e3) }}"] = "indent needs text, not list",
    };

    // what is known to be wrong before anything is rendered, though Python finds it on the way
    private static readonly string[] s_foundEarlier = ["unknown method 'zzz'", "unknown filter 'nothing' in 'map'"];

    /// <summary>The reason that is expected where Python says <paramref name="error"/> of a template.</summary>
    public static string Expected(string template, string error)
    {
        if (s_templates.TryGetValue(template, out string? words))
            return words;
        foreach ((string python, string own) in s_rules)
        {
            if (Regex.IsMatch(error, python, RegexOptions.Singleline))
                return Regex.Replace(error, python, own, RegexOptions.Singleline);
        }

        return error;
    }

    /// <summary>Whether the template is refused before it is rendered: <paramref name="kind"/> is the type of Python's exception.</summary>
    public static bool IsFoundByParsing(string kind, string reason) =>
        kind is "TemplateSyntaxError" or "TemplateAssertionError" or "SyntaxError" || s_foundEarlier.Contains(reason);
}
