namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>A record of options within a configuration.</summary>
/// <param name="Type">The record.</param>
/// <param name="Section">The key under which its keys stand; <see langword="null"/> for those at the top.</param>
/// <param name="Otherwise">Who decides what the configuration does not say, in words; <see langword="null"/> for the record's own defaults.</param>
internal sealed record ConfigPart(Type Type, string? Section = null, string? Otherwise = null)
{
    /// <summary>The keys of its options.</summary>
    public IEnumerable<OptionKey> Keys => OptionKeys.All(Type, Section is null ? [] : [Section]);
}
