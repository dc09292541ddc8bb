using MiniMind.MLNet.Dpo.ChatTemplates.Builtins;
using MiniMind.MLNet.Dpo.ChatTemplates.Nodes;
using MiniMind.MLNet.Dpo.ChatTemplates.Syntax;
using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.ChatTemplates;

/// <summary>
/// A parsed template, with the semantics of Jinja2 as transformers runs it: sandboxed, <c>trim_blocks</c> and <c>lstrip_blocks</c> on, no autoescaping.
/// Immutable; any number of threads may render it at once.
/// </summary>
public sealed class JinjaTemplate
{
    private readonly TemplateSource _source;
    private readonly Block _body;
    private readonly NameTable _names;

    private JinjaTemplate(TemplateSource source)
    {
        _source = source;
        _body = TemplateParser.Parse(source, out ParseState state);
        _names = state.Names;
        MarksGeneration = state.MarksGeneration;
        Inputs = state.Inputs.Where(name => !Globals.All.Any(function => function.Name == name)).ToHashSet();
    }

    /// <summary>Whether there is a <c>{% generation %}</c> block.</summary>
    public bool MarksGeneration { get; }

    /// <summary>The variables that it reads before it gives them a value of its own.</summary>
    public IReadOnlySet<string> Inputs { get; }

    /// <exception cref="TemplateException">The source is malformed, or has a construct that is not supported.</exception>
    public static JinjaTemplate Parse(string source)
    {
        if (source.Length > RenderLimits.SourceCharacters)
            throw new TemplateException($"the template has {source.Length} characters; the most is {RenderLimits.SourceCharacters}");
        return new JinjaTemplate(new TemplateSource(source));
    }

    /// <summary>Renders the template.</summary>
    /// <param name="variables">
    /// The template's variables by name; a later one replaces an earlier one of the same name. A value is null, a <see cref="bool"/>,
    /// a number, a <see cref="string"/>, what <see cref="JsonValues"/> gives, a <see cref="System.Text.Json.JsonElement"/>, a dictionary with strings as keys,
    /// or a list of these.
    /// </param>
    /// <param name="limits">What the rendering may use; null for the defaults.</param>
    /// <param name="clock">What <c>strftime_now</c> asks for the local time; null for the system's.</param>
    /// <param name="spans">Takes up where <c>{% generation %}</c> blocks are in the text, in UTF-16 units; null if nobody asks.</param>
    /// <exception cref="TemplateException">The template fails, refuses its input, or breaks a limit.</exception>
    /// <exception cref="ArgumentException">A variable is of a type that templates do not know.</exception>
    public string Render(
        IEnumerable<KeyValuePair<string, object?>> variables, RenderLimits? limits = null, TimeProvider? clock = null,
        ICollection<(int Start, int Length)>? spans = null)
    {
        object?[] root = new object?[_names.Count];
        Array.Fill(root, Missing.Value);
        foreach (BuiltinFunction function in Globals.All)
        {
            if (_names.TryGet(function.Name, out int number))
                root[number] = function;
        }

        foreach ((string name, object? value) in variables)
        {
            object? converted = VariableValue.Convert(name, value);
            if (_names.TryGet(name, out int number))
                root[number] = converted;
        }
        RenderContext context = new(_source, limits ?? new RenderLimits(), clock ?? TimeProvider.System, spans);
        _body.Execute(context, new Scope(root));
        return context.Output.ToString();
    }
}
