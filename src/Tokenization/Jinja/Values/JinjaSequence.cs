namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Values;

/// <summary>A Python list or tuple. Templates cannot change either: the sandbox refuses every method that would.</summary>
internal abstract class JinjaSequence
{
    protected JinjaSequence(object?[] items) => Items = items;

    public object?[] Items { get; }

    /// <summary>A sequence of the same type with other items.</summary>
    public abstract JinjaSequence With(object?[] items);
}
