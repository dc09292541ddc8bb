using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using MiniMind.MLNet.Dpo.Tool.Configuration;

namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary>What options are, out of the documentation that lies beside their assembly: it is written once, in the code.</summary>
internal static partial class OptionTexts
{
    private static readonly ConcurrentDictionary<Assembly, IReadOnlyDictionary<string, string>> s_texts = new();

    /// <summary>The first sentence about an option; <see langword="null"/> where there is no documentation.</summary>
    public static string? Of(PropertyInfo property) => s_texts.GetOrAdd(property.DeclaringType!.Assembly, Read)
        .GetValueOrDefault($"P:{property.DeclaringType.FullName!.Replace('+', '.')}.{property.Name}");

    private static Dictionary<string, string> Read(Assembly assembly)
    {
        string path = Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml");
        if (!File.Exists(path))
            return [];
        return XDocument.Load(path).Descendants("member").Where(member => member.Attribute("name")?.Value.StartsWith("P:", StringComparison.Ordinal) == true)
            .ToDictionary(member => member.Attribute("name")!.Value, member => FirstSentence(member.Element("summary")));
    }

    private static string FirstSentence(XElement? summary)
    {
        if (summary is null)
            return "";
        string text = string.Concat(summary.DescendantNodes().Select(node => node switch
        {
            XText words => words.Value,
            XElement { Name.LocalName: "see" } see when see.Attribute("langword") is { } word => word.Value,
            XElement { Name.LocalName: "see" } see when see.Attribute("cref") is { } name => KeyNames.Of(name.Value[(name.Value.LastIndexOf('.') + 1)..]),
            _ => "",
        }));
        string line = Spaces().Replace(text, " ").Trim();
        int end = line.IndexOf(". ", StringComparison.Ordinal);
        return (end < 0 ? line : line[..end]).TrimEnd('.');
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
