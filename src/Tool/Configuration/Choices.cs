using System.Reflection;

namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>Kinds of values that are made by methods of theirs, such as losses, optimizers and schedules: a name with parameters.</summary>
/// <remarks>The names and parameters, with the parameters' defaults, are those of the public methods; nothing of them is written down here.</remarks>
internal static class Choices
{
    /// <summary>The key with the name of the method.</summary>
    public const string NameKey = "name";

    private static readonly Type[] s_kinds = [typeof(PreferenceLoss), typeof(OptimizerOptions), typeof(ScheduleOptions), typeof(PreferenceMargin)];

    /// <summary>Whether a type is one of these kinds.</summary>
    public static bool Has(Type type) => s_kinds.Contains(type);

    /// <summary>The methods of a kind by their keys.</summary>
    public static IReadOnlyDictionary<string, MethodInfo> Methods(Type kind) => kind.GetMethods(BindingFlags.Public | BindingFlags.Static)
        .Where(method => method.ReturnType == kind && (!method.IsSpecialName || method.Name.StartsWith("get_", StringComparison.Ordinal)))
        .ToDictionary(method => KeyNames.Of(method.IsSpecialName ? method.Name["get_".Length..] : method.Name));
}
