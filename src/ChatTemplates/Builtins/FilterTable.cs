using System.Collections.Frozen;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>s_all filters. Left out of Jinja's own are those that make web pages or random choices.</summary>
internal static class FilterTable
{
    private static readonly FrozenDictionary<string, Filter> s_all =
        new[] { TextFilters.All, NumberFilters.All, ListFilters.All, SelectionFilters.All, OrderFilters.All, ValueFilters.All }
            .SelectMany(filters => filters)
            .ToFrozenDictionary(filter => filter.Name);

    public static Filter? Find(string name) => s_all.GetValueOrDefault(name);
}
