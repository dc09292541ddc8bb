namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>What a command's configuration consists of, and what a configuration of this shape says.</summary>
/// <param name="parts">The records of options.</param>
internal sealed class ConfigShape(params IReadOnlyList<ConfigPart> parts)
{
    /// <summary>The records of options.</summary>
    public IReadOnlyList<ConfigPart> Parts => parts;

    /// <summary>Every key.</summary>
    public IEnumerable<OptionKey> Keys => parts.SelectMany(part => part.Keys);

    /// <summary>The records of options as a configuration sets them.</summary>
    /// <exception cref="ConfigException">The configuration has faults; all of them are listed.</exception>
    public ConfigValues Read(ConfigMap configuration)
    {
        List<ConfigFault> faults = [];
        ValueReader reader = new(faults);
        Dictionary<string, ConfigPart> sections = parts.Where(part => part.Section is not null).ToDictionary(part => part.Section!);
        ConfigPart[] atTop = [.. parts.Where(part => part.Section is null)];
        HashSet<string> known = [.. sections.Keys, .. atTop.SelectMany(part => OptionKeys.Options(part.Type)).Select(property => KeyNames.Of(property.Name))];
        foreach (ConfigEntry entry in configuration.Entries.Where(entry => !known.Contains(entry.Key)))
            reader.Unknown(entry, known);
        List<object> records = [.. atTop.Select(part => reader.Record(part.Type, configuration, isWhole: false))];
        foreach (ConfigPart part in sections.Values)
        {
            ConfigNode? section = configuration[part.Section!];
            if (section is not (null or ConfigMap))
                faults.Add(new ConfigFault(section.Place, $"'{part.Section}' is {section.Kind}; it must be keys with values"));
            records.Add(reader.Record(part.Type, section as ConfigMap ?? new ConfigMap([], default), isWhole: true));
        }
        return faults.Count == 0 ? new ConfigValues(records, configuration) : throw new ConfigException(faults);
    }

    /// <summary>Every key with its value.</summary>
    public ConfigMap Write(ConfigValues values) => new(
        [.. parts.SelectMany(part => part.Section is null
            ? ValueWriter.Record(values.Of(part.Type)).Entries.Select(entry => part.Otherwise is null || values.Has(entry.Key)
                ? entry : entry with { Remark = part.Otherwise })
            : [new ConfigEntry(part.Section, default, ValueWriter.Record(values.Of(part.Type)))])], default);
}
