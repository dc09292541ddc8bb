using System.Reflection;

namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>An option and its key.</summary>
/// <param name="Path">The keys that lead to it, such as <c>adapter</c>, <c>rank</c>.</param>
/// <param name="Property">The option.</param>
/// <param name="IsGroup">Whether its value is keys of its own, which are options, too.</param>
internal sealed record OptionKey(IReadOnlyList<string> Path, PropertyInfo Property, bool IsGroup)
{
    /// <summary>The path in one word, as the command line has it.</summary>
    public string Name => string.Join('.', Path);

    /// <summary>The type of its value; of one that need not be there, the type that it has where it is.</summary>
    public Type Type => Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;

    /// <summary>Whether there may be no value.</summary>
    public bool MayBeNull => OptionKeys.MayBeNull(Property);
}
