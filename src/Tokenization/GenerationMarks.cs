using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>The <c>{% generation %}</c> marks of a chat template, which only trainers know.</summary>
internal static partial class GenerationMarks
{
    /// <summary>The template without them; what it writes, white space included, is the same.</summary>
    public static string Replace(ChatTemplate template) =>
        template.MarksGeneration ? Mark().Replace(template.Source, match => match.Groups[2].Length > 0 ? $"{match.Groups[1].Value} endif {match.Groups[3].Value}" : $"{match.Groups[1].Value} if true {match.Groups[3].Value}") : template.Source;

    [GeneratedRegex(@"(\{%[-+]?)\s*(end)?generation\s*([-+]?%\})", RegexOptions.CultureInvariant)]
    private static partial Regex Mark();
}
