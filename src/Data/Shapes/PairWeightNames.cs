namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>Names under which rows say how much they count.</summary>
internal static class PairWeightNames
{
    private static readonly HashSet<string> s_names = new(StringComparer.OrdinalIgnoreCase)
    {
        "weight", "weights", "pairweight", "sampleweight", "exampleweight", "instanceweight", "rowweight", "lossweight", "importanceweight", "trainingweight",
    };

    /// <summary>Whether a field has such a name, however its words are joined.</summary>
    public static bool Has(string name) =>
        s_names.Contains(name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal));

    /// <summary>What to do about one.</summary>
    public static string Remedy(string name, string options) => options is nameof(PreferenceFileOptions) or nameof(ConversationFileOptions)
        ? $"Name it by {options}.{nameof(PreferenceFileOptions.Weight)} to have it count, or in {nameof(JsonlFileOptions.IgnoredFields)} to leave it out."
        : $"Feedback takes no weights: where the rows may count alike, name it in {nameof(JsonlFileOptions.IgnoredFields)}.";
}
