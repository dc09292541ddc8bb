using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>The keys of options records: each public option that can be set has one, named after it.</summary>
internal static class OptionKeys
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<PropertyInfo>> s_options = new();
    private static readonly NullabilityInfoContext s_nullability = new();
    private static readonly Lock s_lock = new();

    /// <summary>The options of a record that have keys, in the order in which they are declared, the base's first.</summary>
    public static IReadOnlyList<PropertyInfo> Options(Type type) => s_options.GetOrAdd(type, _ =>
    [
        .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.SetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0 && !OptionsWithoutKey.Has(property))
            .OrderBy(property => Depth(property.DeclaringType!)).ThenBy(property => property.MetadataToken),
    ]);

    /// <summary>Every key of a record, those of groups behind the group's own.</summary>
    /// <param name="type">The record.</param>
    /// <param name="path">What stands before its keys.</param>
    public static IEnumerable<OptionKey> All(Type type, params string[] path)
    {
        foreach (PropertyInfo property in Options(type))
        {
            OptionKey key = new([.. path, KeyNames.Of(property.Name)], property, IsGroup(property.PropertyType));
            yield return key;
            foreach (OptionKey below in key.IsGroup ? All(key.Type, [.. key.Path]) : [])
                yield return below;
        }
    }

    /// <summary>Whether values of a type are options records themselves.</summary>
    public static bool IsGroup(Type type) => type is { IsClass: true, IsAbstract: false } && type.Assembly == typeof(DpoTrainer).Assembly
        && type.GetConstructor(Type.EmptyTypes) is not null && !Choices.Has(type);

    /// <summary>Whether an option may have no value.</summary>
    public static bool MayBeNull(PropertyInfo property)
    {
        lock (s_lock)
            return s_nullability.Create(property).WriteState == NullabilityState.Nullable;
    }

    /// <summary>Whether a record cannot be without an option.</summary>
    public static bool IsRequired(PropertyInfo property) => property.IsDefined(typeof(RequiredMemberAttribute));

    private static int Depth(Type type) => type.BaseType is { } below ? Depth(below) + 1 : 0;
}
