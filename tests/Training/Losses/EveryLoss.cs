using System.Reflection;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>The losses of all factories, by name, so that a new one is tested without being listed.</summary>
internal static class EveryLoss
{
    public static IReadOnlyDictionary<string, PreferenceLoss> ByName { get; } = typeof(PreferenceLoss).GetMethods(BindingFlags.Public | BindingFlags.Static)
        .Where(method => method.ReturnType == typeof(PreferenceLoss) && method.GetParameters().All(parameter => parameter.HasDefaultValue))
        .ToDictionary(
            method => method.Name,
            method => (PreferenceLoss)method.Invoke(null, [.. method.GetParameters().Select(parameter => parameter.DefaultValue)])!);

    public static TheoryData<string> Names => [.. ByName.Keys];

    /// <summary>Losses and the reductions that they take.</summary>
    public static TheoryData<string, LogProbReduction> WithReductions()
    {
        TheoryData<string, LogProbReduction> cases = [];
        foreach ((string name, PreferenceLoss loss) in ByName)
        {
            foreach (LogProbReduction reduction in Enum.GetValues<LogProbReduction>().Where(loss.Takes))
                cases.Add(name, reduction);
        }
        return cases;
    }
}
