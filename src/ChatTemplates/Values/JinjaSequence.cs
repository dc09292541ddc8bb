namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>A Python list or tuple. Templates cannot change either: the sandbox refuses every method that would.</summary>
public abstract class JinjaSequence
{
    private protected JinjaSequence(object?[] items) => Items = items;

    /// <summary>The items in order.</summary>
    public object?[] Items { get; }

    /// <summary>A sequence of the same type with other items.</summary>
    public abstract JinjaSequence With(object?[] items);
}
