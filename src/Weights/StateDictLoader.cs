using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Fills a model's parameters from a weights file, strictly: every name and shape must be there, and no other.</summary>
/// <remarks>
/// Of a tied model the file may have the embedding, the head, or both with equal values. Rotary tables of old checkpoints are left out by
/// name (<see cref="StateDictNames.IsRotaryTable"/>); wrappers' prefixes are taken off, and fused tensors split (<see cref="CheckpointTensors"/>).
/// </remarks>
internal static class StateDictLoader
{
    private const int Listed = 10;

    /// <summary>Loads all parameters; each is read once, straight into its memory, converted to its type.</summary>
    /// <param name="source">The file; its tensors are read in the order in which they lie there.</param>
    /// <param name="parameters">The model's parameters by their checkpoint names; floating-point, on any device.</param>
    /// <param name="tied">Whether the head is the embedding's matrix (<c>tie_word_embeddings</c>).</param>
    /// <param name="allowNonFinite">Whether weights may be NaN, infinite, or too large to compute with; see <see cref="WeightFaults"/>.</param>
    /// <param name="advice">What the error says to do about such weights.</param>
    /// <exception cref="WeightFileException">
    /// Names, shapes or types do not fit, and nothing was loaded; or the two matrices of a tied model differ; or weights are not finite, with each tensor's
    /// name and count.
    /// </exception>
    public static void Load(IWeightSource source, IReadOnlyDictionary<string, Tensor> parameters, bool tied, bool allowNonFinite = false,
        string advice = WeightFaults.Advice)
    {
        Dictionary<string, long[]> shapes = parameters.ToDictionary(pair => pair.Key, pair => pair.Value.shape);
        Verify(source, shapes, tied);
        WeightFaults faults = new();
        bool tiedIsLoaded = false;
        foreach ((string name, WeightView view) in CheckpointTensors.Of(source, shapes).Where(pair => !StateDictNames.IsRotaryTable(pair.Key))
            .OrderBy(pair => pair.Value.Source.Path, StringComparer.Ordinal).ThenBy(pair => pair.Value.Offset))
        {
            bool isTied = tied && name is StateDictNames.Embedding or StateDictNames.Head;
            Tensor target = parameters[isTied ? StateDictNames.Embedding : name];
            if (isTied && tiedIsLoaded)
            {
                if (!view.Matches(target))
                {
                    throw new WeightFileException(source.Path, $"tensor '{name}'",
                        $"'{StateDictNames.Embedding}' and '{StateDictNames.Head}' differ, but the model has them tied; set tie_word_embeddings to false, " +
                        $"or leave one out");
                }

                continue;
            }
            faults.Add(name, view, view.CopyTo(target));
            tiedIsLoaded |= isTied;
        }
        if (!allowNonFinite)
            faults.ThrowIfAny(source.Path, advice);
    }

    /// <summary>Checks that a file has exactly the tensors of a model, before any of them is read or the model exists.</summary>
    /// <param name="source">The file.</param>
    /// <param name="shapes">The model's parameters; see <see cref="ParameterShapes"/>.</param>
    /// <param name="tied">Whether the head is the embedding's matrix.</param>
    /// <exception cref="WeightFileException">Unknown, missing or misshapen tensors, all in one message.</exception>
    public static void Verify(IWeightSource source, IReadOnlyDictionary<string, long[]> shapes, bool tied)
    {
        List<string> unknown = [], misshapen = [];
        HashSet<string> missing = [.. shapes.Keys];
        if (tied)
            missing.Remove(StateDictNames.Head);
        foreach ((string name, WeightView view) in CheckpointTensors.Of(source, shapes))
        {
            string target = tied && name == StateDictNames.Head ? StateDictNames.Embedding : name;
            if (StateDictNames.IsRotaryTable(name))
                continue;
            if (!shapes.TryGetValue(target, out long[]? shape))
                unknown.Add(name);
            else if (!view.Shape.AsSpan().SequenceEqual(shape))
                misshapen.Add($"{name} is {view} instead of [{string.Join(", ", shape)}]");
            else if (!ElementTypes.IsFloatingPoint(view.Type))
                misshapen.Add($"{name} is {view} instead of floating-point numbers");
            missing.Remove(target);
        }
        string[] faults = [.. new[] { Describe("unknown", unknown), Describe("missing", missing), Describe("misshapen", misshapen) }.OfType<string>()];
        if (faults.Length > 0)
            throw new WeightFileException(source.Path, "tensors", $"they do not fit the model. {string.Join(". ", faults)}");
    }

    private static string? Describe(string kind, IReadOnlyCollection<string> items)
    {
        if (items.Count == 0)
            return null;
        string rest = items.Count > Listed ? $", and {items.Count - Listed} more" : "";
        return $"{items.Count} {kind}: {string.Join(", ", items.Order(StringComparer.Ordinal).Take(Listed))}{rest}";
    }
}
