namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>What <c>cycler(...)</c> gives: each <c>next()</c> is the next of its values, round and round.</summary>
internal sealed class Cycler
{
    private readonly object?[] _items;
    private int _position;

    public Cycler(object?[] items) => _items = items;

    public object? Current => _items[_position];

    public object? Next()
    {
        object? current = Current;
        _position = (_position + 1) % _items.Length;
        return current;
    }

    public void Reset() => _position = 0;
}
