using System.Globalization;
using System.Text;
using MiniMind.MLNet.Dpo.ChatTemplates.Python;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>The variable <c>loop</c> of a <c>for</c> block: where the loop is, and what is before and after.</summary>
/// <param name="items">The items to go over.</param>
/// <param name="length">Their number, or -1 where only going over them tells.</param>
/// <param name="depth0">How many recursive calls of the loop are around this one.</param>
/// <param name="recurse">Renders the loop for other items; null where the loop is not marked <c>recursive</c>.</param>
internal sealed class LoopState(IEnumerable<object?> items, long length, int depth0, Func<RenderContext, object?, int, string>? recurse)
    : JinjaObject, ICallable
{
    private IEnumerator<object?> _items = items.GetEnumerator();
    private long _length = length;
    private object? _previous;
    private object? _next = Missing.Value;
    private object? _changed = Missing.Value;

    public object? Current { get; private set; }

    public long Index0 { get; private set; } = -1;

    public override string TypeName => "LoopContext";

    public override string Description => "jinja2.runtime.LoopContext object";

    public bool MoveNext()
    {
        object? next = PeekNext();
        if (next is Missing)
            return false;
        _previous = Current;
        Current = next;
        _next = Missing.Value;
        Index0++;
        return true;
    }

    public override object? Attribute(RenderContext context, string name) => name switch
    {
        "index" => Index0 + 1,
        "index0" => Index0,
        "first" => Index0 == 0,
        "last" => PeekNext() is Missing,
        "length" => Length(context),
        "revindex" => Length(context) - Index0,
        "revindex0" => Length(context) - Index0 - 1,
        "previtem" => Index0 == 0 ? Undefined.Because("there is no previous item") : _previous,
        "nextitem" => PeekNext() is Missing ? Undefined.Because("there is no next item") : _next,
        "depth" => depth0 + 1L,
        "depth0" => (long)depth0,
        "cycle" => new BuiltinFunction(name, Cycle),
        "changed" => new BuiltinFunction(name, Changed),
        _ => Missing.Value,
    };

    public override long Length(RenderContext context)
    {
        if (_length < 0)
        {
            List<object?> rest = new();
            while (_items.MoveNext())
            {
                context.ChargeItems(1);
                rest.Add(_items.Current);
            }
            _items = rest.GetEnumerator();
            _length = Index0 + 1 + rest.Count + (_next is Missing ? 0 : 1);
        }
        return _length;
    }

    public override IEnumerable<object?> Remaining(RenderContext context) => throw context.Error("going over 'loop' itself is not supported");

    public override void Write(RenderContext context, StringBuilder text) =>
        text.Append(CultureInfo.InvariantCulture, $"<LoopContext {Index0 + 1}/{Length(context)}>");

    public object? Call(RenderContext context, CallArguments arguments)
    {
        if (recurse is null)
            throw context.Error("The loop must have the 'recursive' marker to be called recursively.");
        if (arguments.Positional.Length != 1 || arguments.Keywords.Length > 0)
            throw context.Error("a recursive loop takes one argument, the items to go over");
        return recurse(context, arguments.Positional[0], depth0 + 1);
    }

    private object? PeekNext()
    {
        if (_next is Missing && _items.MoveNext())
            _next = _items.Current;
        return _next;
    }

    private object? Cycle(RenderContext context, CallArguments arguments)
    {
        object?[] values = arguments.Positional;
        return values.Length == 0 ? throw context.Error("no items for cycling given") : values[Index0 % values.Length];
    }

    private object? Changed(RenderContext context, CallArguments arguments)
    {
        JinjaTuple value = new(arguments.Positional);
        if (_changed is not Missing && Equality.AreEqual(context, _changed, value))
            return false;
        _changed = value;
        return true;
    }
}
