using MiniMind.MLNet.Dpo.Tokenization.Jinja.Python;

namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Values;

/// <summary>The variable <c>loop</c> of a <c>for</c> block: where the loop is, and what is before and after.</summary>
internal sealed class LoopState : ICallable
{
    private readonly Func<RenderContext, object?, int, string>? _recurse;
    private readonly int _depth0;
    private IEnumerator<object?> _items;
    private long _length;
    private object? _previous;
    private object? _next = Missing.Value;
    private object? _changed = Missing.Value;

    /// <param name="items">The items to go over.</param>
    /// <param name="length">Their number, or -1 where only going over them tells.</param>
    /// <param name="depth0">How many recursive calls of the loop are around this one.</param>
    /// <param name="recurse">Renders the loop for other items; null where the loop is not marked <c>recursive</c>.</param>
    public LoopState(IEnumerable<object?> items, long length, int depth0, Func<RenderContext, object?, int, string>? recurse)
    {
        _items = items.GetEnumerator();
        _length = length;
        _depth0 = depth0;
        _recurse = recurse;
    }

    public object? Current { get; private set; }

    public long Index0 { get; private set; } = -1;

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

    /// <summary>The value of an attribute of <c>loop</c>, or <see cref="Missing.Value"/>.</summary>
    public object? Attribute(RenderContext context, string name) => name switch
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
        "depth" => _depth0 + 1L,
        "depth0" => (long)_depth0,
        "cycle" => new BuiltinFunction("cycle", Cycle),
        "changed" => new BuiltinFunction("changed", Changed),
        _ => Missing.Value,
    };

    public long Length(RenderContext context)
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

    public object? Call(RenderContext context, CallArguments arguments)
    {
        if (_recurse is null)
            throw context.Error("The loop must have the 'recursive' marker to be called recursively.");
        if (arguments.Positional.Length != 1 || arguments.Keywords.Length > 0)
            throw context.Error("a recursive loop takes one argument, the items to go over");
        return _recurse(context, arguments.Positional[0], _depth0 + 1);
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
        if (values.Length == 0)
            throw context.Error("no items for cycling given");
        return values[Index0 % values.Length];
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
