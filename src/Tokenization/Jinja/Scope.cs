namespace MiniMind.MLNet.Dpo.Tokenization.Jinja;

/// <summary>The variables of one block: a loop's iteration, a macro's call, the template itself. Names are the numbers of the template's <see cref="Syntax.NameTable"/>.</summary>
internal sealed class Scope
{
    private readonly Scope? _parent;
    private readonly object?[]? _root;
    private int[] _names = [];
    private object?[] _values = [];
    private int _count;

    /// <summary>The outermost scope, with a place for each name of the template; places not filled hold <see cref="Missing.Value"/>.</summary>
    public Scope(object?[] root) => _root = root;

    public Scope(Scope parent) => _parent = parent;

    /// <summary>The variable's value, or <see cref="Missing.Value"/>.</summary>
    public object? Find(int name)
    {
        Scope scope = this;
        while (scope._root is null)
        {
            for (int i = 0; i < scope._count; i++)
            {
                if (scope._names[i] == name)
                    return scope._values[i];
            }
            scope = scope._parent!;
        }
        return scope._root[name];
    }

    public void Set(int name, object? value)
    {
        if (_root is not null)
        {
            _root[name] = value;
            return;
        }
        for (int i = 0; i < _count; i++)
        {
            if (_names[i] == name)
            {
                _values[i] = value;
                return;
            }
        }
        if (_count == _names.Length)
        {
            Array.Resize(ref _names, _count + 4);
            Array.Resize(ref _values, _count + 4);
        }
        _names[_count] = name;
        _values[_count++] = value;
    }
}
