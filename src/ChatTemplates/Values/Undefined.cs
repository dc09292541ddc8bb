namespace MiniMind.MLNet.Dpo.ChatTemplates.Values;

/// <summary>What a missing name, attribute or item evaluates to: empty when printed, false, without items; anything else done with it is an error.</summary>
/// <param name="Hint">Why there is no value; null where owner and name tell.</param>
/// <param name="Owner">What has no attribute or item; <see cref="Missing.Value"/> for a variable.</param>
/// <param name="Name">What was asked for.</param>
internal sealed record Undefined(string? Hint, object? Owner, object? Name)
{
    public static Undefined Variable(string name) => new(null, Missing.Value, name);

    /// <summary>What <paramref name="owner"/> has no attribute or item for.</summary>
    public static Undefined Attribute(object? owner, object? name) => new(null, owner, name);

    public static Undefined Because(string hint) => new(hint, null, null);
}
