using System.Globalization;
using System.Text;

namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>Writes a configuration as YAML, so that reading gives the same values.</summary>
internal static class YamlConfigWriter
{
    private const int Indentation = 2;

    /// <summary>The text of a configuration.</summary>
    public static string Write(ConfigMap configuration)
    {
        StringBuilder text = new();
        Write(text, configuration, 0);
        return text.ToString();
    }

    private static void Write(StringBuilder text, ConfigMap map, int depth)
    {
        foreach (ConfigEntry entry in map.Entries)
        {
            text.Append(' ', depth * Indentation);
            if (entry.Remark is not null)
                text.Append("# ");
            text.Append(Plain(entry.Key)).Append(':');
            if (entry.Value is ConfigMap { Entries.Count: > 0 } below)
            {
                text.Append('\n');
                Write(text, below, depth + 1);
                continue;
            }
            text.Append(' ').Append(Flow(entry.Value));
            if (entry.Remark is not null)
                text.Append(" # ").Append(entry.Remark);
            text.Append('\n');
        }
    }

    /// <summary>A value in one line.</summary>
    public static string Flow(ConfigNode node) => node switch
    {
        ConfigScalar scalar => scalar.IsPlain ? scalar.Text : Plain(scalar.Text),
        ConfigList list => $"[{string.Join(", ", list.Items.Select(Flow))}]",
        ConfigMap map => $"{{{string.Join(", ", map.Entries.Select(entry => $"{Plain(entry.Key)}: {Flow(entry.Value)}"))}}}",
        _ => throw new InvalidOperationException($"{node.GetType().Name} has no text."),
    };

    // without quotes only what can be nothing but a text
    private static string Plain(string text)
    {
        bool isPlain = text.Length > 0 && (char.IsAsciiLetter(text[0]) || text[0] is '/' or '_')
            && text.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '/' or '.')
            && text is not ("null" or "true" or "false");
        return isPlain ? text : Quoted(text);
    }

    private static string Quoted(string text)
    {
        StringBuilder quoted = new("\"");
        foreach (char character in text)
        {
            if (character is '"' or '\\')
            {
                quoted.Append('\\').Append(character);
            }
            else if (char.IsControl(character) || char.GetUnicodeCategory(character) is UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}");
            }
            else
            {
                quoted.Append(character);
            }
        }
        return quoted.Append('"').ToString();
    }
}
