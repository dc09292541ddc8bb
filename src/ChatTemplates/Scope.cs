namespace MiniMind.MLNet.Dpo.ChatTemplates;

/// <summary>The variables of one block: a loop's iteration, a macro's call, the template itself.</summary>
/// <remarks>Names are the numbers of the template's <see cref="Syntax.NameTable"/>.</remarks>
internal sealed class Scope
{
    private const int LinearSearchLimit = 16;

    private readonly Scope? _parent;
    private readonly object?[]? _root;
    private int[] _names = [];
    private object?[] _values = [];
    private int _count;

    // null as long as there are few variables
    private Dictionary<int, int>? _places;

    /// <summary>The outermost scope, with a place for each name of the template; places not filled hold <see cref="Missing.Value"/>.</summary>
    public Scope(object?[] root) => _root = root;

    public Scope(Scope parent) => _parent = parent;

    /// <summary>The variable's value, or <see cref="Missing.Value"/>.</summary>
    public object? Find(int name)
    {
        Scope scope = this;
        for (; scope._root is null; scope = scope._parent!)
        {
            int place = scope.PlaceOf(name);
            if (place >= 0)
                return scope._values[place];
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
        int place = PlaceOf(name);
        if (place >= 0)
        {
            _values[place] = value;
            return;
        }
        if (_count == _names.Length)
        {
            Array.Resize(ref _names, Math.Max(4, 2 * _count));
            Array.Resize(ref _values, _names.Length);
        }
        if (_places is null && _count == LinearSearchLimit)
            _places = Enumerable.Range(0, _count).ToDictionary(i => _names[i]);
        _places?.Add(name, _count);
        _names[_count] = name;
        _values[_count++] = value;
    }

    private int PlaceOf(int name)
    {
        if (_places is not null)
            return _places.TryGetValue(name, out int place) ? place : -1;
        for (int i = 0; i < _count; i++)
        {
            if (_names[i] == name)
                return i;
        }

        return -1;
    }
}
