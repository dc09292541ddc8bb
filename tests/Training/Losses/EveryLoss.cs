using System.Reflection;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>The losses of all factories, by name, so that a new one is tested without being listed.</summary>
internal static class EveryLoss
{
    private static readonly (double, PreferenceLoss)[] s_mixture = [(0.8, PreferenceLoss.Sigmoid()), (0.2, PreferenceLoss.NegativeLogLikelihood())];

    /// <summary>The factories' names.</summary>
    public static IEnumerable<string> Factories => s_methods.Select(method => method.Name);

    public static IReadOnlyDictionary<string, PreferenceLoss> ByName { get; } = s_methods.ToDictionary(method => method.Name, method =>
        (PreferenceLoss)method.Invoke(null, [.. method.GetParameters().Select(parameter => parameter.HasDefaultValue ? parameter.DefaultValue : s_mixture)])!);

    private static IEnumerable<MethodInfo> s_methods => typeof(PreferenceLoss).GetMethods(BindingFlags.Public | BindingFlags.Static)
        .Where(method => method.ReturnType == typeof(PreferenceLoss));

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
