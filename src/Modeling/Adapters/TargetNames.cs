using System.Globalization;
using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Modeling.Adapters;

/// <summary>Names of the linear layers that adapters speak of.</summary>
internal static partial class TargetNames
{
    /// <summary>Whether a layer's name is another one, or ends with it behind a dot.</summary>
    public static bool Ends(string module, string target) =>
        module.EndsWith(target, StringComparison.Ordinal) && (module.Length == target.Length || module[^(target.Length + 1)] == '.');

    /// <summary>The shortest names that mean the given linear layers and no others of a network: ends of names where every layer that has one is
    /// meant.</summary>
    public static IReadOnlyList<string> Shortest(MiniMindNetwork network, IReadOnlyCollection<string> modules)
    {
        ILookup<string, string> all = network.Linears.ToLookup(linear => EndOf(linear.Key), linear => linear.Key), meant = modules.ToLookup(EndOf);
        return [.. meant.SelectMany(end => end.Count() == all[end.Key].Count() ? [end.Key] : end.AsEnumerable())];
    }

    /// <summary>A layer's name without those of what it is in.</summary>
    public static string EndOf(string module) => module[(module.LastIndexOf('.') + 1)..];

    /// <summary>The decoder layer that a linear layer is in; -1 for none.</summary>
    public static int LayerOf(string module)
    {
        Match match = Layer().Match(module);
        return match.Success ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : -1;
    }

    /// <summary>Why a layer cannot be adapted, for messages; empty where its name says nothing.</summary>
    public static string Reason(string name) => EndOf(name) switch
    {
        "lm_head" => ", the head, which is often the embedding's own matrix, and is not adapted here",
        "embed_tokens" => ", the embedding, which is no linear layer and may be the head's own matrix",
        _ => "",
    };

    [GeneratedRegex(@"\Amodel\.layers\.([0-9]{1,6})\.", RegexOptions.CultureInvariant)]
    private static partial Regex Layer();
}
