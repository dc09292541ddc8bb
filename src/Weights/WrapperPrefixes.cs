namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>
/// Removes from names what wrappers of torch put into them: <c>module.</c> (data parallel), <c>_orig_mod.</c> (compiled), and those of sharding and
/// checkpointing.
/// </summary>
internal static class WrapperPrefixes
{
    private const string Parallel = "module.";
    private static readonly string[] s_anywhere = ["_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module."];

    /// <summary>The same tensors without wrappers' names.</summary>
    /// <exception cref="WeightFileException">A tensor is there both with and without one.</exception>
    public static IReadOnlyDictionary<string, WeightView> Strip(IWeightSource source)
    {
        if (!source.Tensors.Keys.Any(name => Bare(name) != name))
            return source.Tensors;
        Dictionary<string, WeightView> tensors = [];
        foreach ((string name, WeightView view) in source.Tensors)
        {
            if (!tensors.TryAdd(Bare(name), view))
            {
                throw new WeightFileException(source.Path, $"tensor '{name}'",
                    $"'{Bare(name)}' is there twice, with a wrapper's prefix and without or with another");
            }
        }
        return tensors;
    }

    /// <summary>A name without wrappers' parts: <c>module.</c> at the beginning, the others wherever a part of the name begins.</summary>
    public static string Bare(string name)
    {
        string before;
        do
        {
            before = name;
            if (name.StartsWith(Parallel, StringComparison.Ordinal))
                name = name[Parallel.Length..];
            foreach (string part in s_anywhere)
                name = Without(name, part);
        }
        while (name != before);
        return name;
    }

    private static string Without(string name, string part)
    {
        if (name.StartsWith(part, StringComparison.Ordinal))
            return name[part.Length..];
        int inside = name.IndexOf("." + part, StringComparison.Ordinal);
        return inside < 0 ? name : name.Remove(inside + 1, part.Length);
    }
}
