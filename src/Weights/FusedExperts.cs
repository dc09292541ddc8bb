namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Splits the fused expert tensors of transformers 5 into the tensors of the single experts.</summary>
/// <remarks>
/// <c>mlp.experts.gate_up_proj</c> is [experts, 2 * width, hidden], the gate's rows first; <c>mlp.experts.down_proj</c> is
/// [experts, hidden, width] (transformers 5, Qwen3MoeExperts). Nothing is copied: the parts are views of the file.
/// </remarks>
internal static class FusedExperts
{
    private const string GateUp = ".mlp.experts.gate_up_proj", Down = ".mlp.experts.down_proj";
    private const int MaxExperts = 65_536;

    /// <summary>The same tensors, fused ones replaced by their parts; a fused one of a wrong shape is left as it is, for the loader to refuse.</summary>
    /// <exception cref="WeightFileException">An expert is there both fused and single.</exception>
    public static IReadOnlyDictionary<string, WeightView> Split(IWeightSource source) => Split(source.Tensors, source.Path);

    /// <summary>The same of tensors whose names were changed.</summary>
    /// <param name="named">A file's tensors.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="WeightFileException">An expert is there both fused and single.</exception>
    public static IReadOnlyDictionary<string, WeightView> Split(IReadOnlyDictionary<string, WeightView> named, string path)
    {
        if (!named.Keys.Any(name => name.EndsWith(GateUp, StringComparison.Ordinal) || name.EndsWith(Down, StringComparison.Ordinal)))
            return named;
        Dictionary<string, WeightView> tensors = [];
        foreach ((string name, WeightView view) in named)
        {
            foreach ((string part, WeightView partView) in Parts(name, view))
            {
                if (!tensors.TryAdd(part, partView))
                    throw new WeightFileException(path, $"tensor '{name}'", $"'{part}' is there both in a fused tensor and by itself");
            }
        }
        return tensors;
    }

    private static IEnumerable<(string Name, WeightView View)> Parts(string name, WeightView view)
    {
        bool gateUp = name.EndsWith(GateUp, StringComparison.Ordinal) && view.Shape is [_, > 0, _] && view.Shape[1] % 2 == 0;
        bool down = name.EndsWith(Down, StringComparison.Ordinal) && view.Shape.Length == 3;
        if (!(gateUp || down) || view.Shape[0] > MaxExperts)
        {
            yield return (name, view);
            yield break;
        }
        string prefix = name[..(name.LastIndexOf('.') + 1)];
        for (long expert = 0; expert < view.Shape[0]; expert++)
        {
            WeightView one = view.Select(expert); // (2 * width, hidden) or (hidden, width)
            if (down)
            {
                yield return ($"{prefix}{expert}.down_proj.weight", one);
                continue;
            }
            long width = one.Shape[0] / 2;
            yield return ($"{prefix}{expert}.gate_proj.weight", one.Narrow(0, 0, width)); // (width, hidden)
            yield return ($"{prefix}{expert}.up_proj.weight", one.Narrow(0, width, width)); // (width, hidden)
        }
    }
}
