namespace MiniMind.MLNet.Dpo.Weights.Families;

/// <summary>
/// Projections that Phi's files keep in one matrix: queries, keys and values (<c>qkv_proj</c>), gate and up (<c>gate_up_proj</c>), rows behind each other.
/// </summary>
internal static class FusedProjections
{
    /// <summary>The fused names, and the parts' in the order of their rows.</summary>
    public static IReadOnlyList<(string Fused, string[] Parts)> Names { get; } =
    [
        (".self_attn.qkv_proj.weight", [".self_attn.q_proj.weight", ".self_attn.k_proj.weight", ".self_attn.v_proj.weight"]),
        (".mlp.gate_up_proj.weight", [".mlp.gate_proj.weight", ".mlp.up_proj.weight"]),
    ];

    /// <summary>The same tensors, fused ones replaced by views of their parts; one whose rows are not the parts' is left, for the loader to refuse.</summary>
    /// <param name="tensors">A file's tensors.</param>
    /// <param name="shapes">The model's parameters.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="WeightFileException">A part is there both fused and by itself.</exception>
    public static IReadOnlyDictionary<string, WeightView> Split(IReadOnlyDictionary<string, WeightView> tensors, IReadOnlyDictionary<string, long[]> shapes,
        string path)
    {
        if (!tensors.Keys.Any(name => Names.Any(one => name.EndsWith(one.Fused, StringComparison.Ordinal))))
            return tensors;
        Dictionary<string, WeightView> split = [];
        foreach ((string name, WeightView view) in tensors)
        {
            foreach ((string part, WeightView partView) in Parts(name, view, shapes))
            {
                if (!split.TryAdd(part, partView))
                    throw new WeightFileException(path, $"tensor '{name}'", $"'{part}' is there both in a fused tensor and by itself");
            }
        }
        return split;
    }

    /// <summary>The same tensors, those that files keep in one matrix put together where their first one stands; nothing is copied.</summary>
    public static IReadOnlyList<StoredTensor> Join(IEnumerable<StoredTensor> tensors)
    {
        Dictionary<string, int> places = [];
        List<StoredTensor> joined = [];
        foreach (StoredTensor tensor in tensors)
        {
            (string? fused, string[]? parts) = Names.FirstOrDefault(one => one.Parts.Any(part => tensor.Name.EndsWith(part, StringComparison.Ordinal)));
            string name = fused is null ? tensor.Name : tensor.Name[..^parts!.First(part => tensor.Name.EndsWith(part, StringComparison.Ordinal)).Length]
                + fused;
            if (places.TryAdd(name, joined.Count))
                joined.Add(tensor with { Name = name });
            else
                joined[places[name]] = new StoredTensor(name, [.. joined[places[name]].Parts, .. tensor.Parts]);
        }
        return joined;
    }

    private static IEnumerable<(string Name, WeightView View)> Parts(string name, WeightView view, IReadOnlyDictionary<string, long[]> shapes)
    {
        (string fused, string[] parts) = Names.FirstOrDefault(one => name.EndsWith(one.Fused, StringComparison.Ordinal));
        string[] names = parts is null ? [] : [.. parts.Select(part => name[..^fused.Length] + part)];
        bool fits = names.Length > 0 && view.Shape.Length == 2 && names.All(shapes.ContainsKey) && names.Sum(part => shapes[part][0]) == view.Shape[0];
        if (!fits)
        {
            yield return (name, view);
            yield break;
        }
        long row = 0;
        foreach (string part in names)
        {
            yield return (part, view.Narrow(0, row, shapes[part][0])); // (rows, columns)
            row += shapes[part][0];
        }
    }
}
