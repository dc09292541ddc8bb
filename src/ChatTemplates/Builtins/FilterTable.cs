using System.Collections.Frozen;

namespace MiniMind.MLNet.Dpo.ChatTemplates.Builtins;

/// <summary>All filters. Left out of Jinja's own are those that make web pages or random choices.</summary>
internal static class FilterTable
{
    private static readonly FrozenDictionary<string, Filter> All =
        new[] { TextFilters.All, NumberFilters.All, ListFilters.All, SelectionFilters.All, OrderFilters.All, ValueFilters.All }
            .SelectMany(filters => filters)
            .ToFrozenDictionary(filter => filter.Name);

    public static Filter? Find(string name) => All.GetValueOrDefault(name);
}
