namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>Keys with values, each key once.</summary>
/// <param name="Entries">In the order of the file.</param>
/// <param name="Place">Where it begins.</param>
internal sealed record ConfigMap(IReadOnlyList<ConfigEntry> Entries, ConfigPlace Place) : ConfigNode(Place)
{
    public override string Kind => "keys with values";

    /// <summary>The value of a key.</summary>
    public ConfigNode? this[string key] => Entries.FirstOrDefault(entry => entry.Key == key)?.Value;

    /// <summary>The same with a value at a path of keys, in place of the one that is there.</summary>
    /// <exception cref="ConfigException">A key on the way has a value without keys.</exception>
    public ConfigMap With(ReadOnlySpan<string> path, ConfigNode value)
    {
        string key = path[0];
        ConfigNode? old = this[key];
        ConfigNode now = value;
        if (path.Length > 1)
        {
            ConfigMap below = old switch
            {
                ConfigMap map => map,
                null or ConfigScalar { IsNull: true } => new ConfigMap([], value.Place),
                _ => throw new ConfigException(new ConfigFault(
                    value.Place, $"'{key}' is {old.Kind} ({old.Place}), so that nothing of it can be set by itself")),
            };
            now = below.With(path[1..], value);
        }
        ConfigEntry entry = new(key, value.Place, now);
        return this with { Entries = old is null ? [.. Entries, entry] : [.. Entries.Select(other => other.Key == key ? entry : other)] };
    }

    /// <summary>The value at a path of keys; <see langword="null"/> where there is none, also where a key on the way is null.</summary>
    public ConfigNode? At(ReadOnlySpan<string> path) =>
        this[path[0]] is not { } below ? null : path.Length == 1 ? below : (below as ConfigMap)?.At(path[1..]);
}
