using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>The <c>{% generation %}</c> marks of a chat template, which only trainers know.</summary>
internal static partial class GenerationMarks
{
    /// <summary>The template without them; what it writes, white space included, is the same.</summary>
    public static string Replace(ChatTemplate template) => template.MarksGeneration ? Mark().Replace(template.Source, InPlaceOf) : template.Source;

    // a condition that always holds, with the same signs for the white space around it
    private static string InPlaceOf(Match match) => $"{match.Groups[1].Value} {(match.Groups[2].Length > 0 ? "endif" : "if true")} {match.Groups[3].Value}";

    [GeneratedRegex(@"(\{%[-+]?)\s*(end)?generation\s*([-+]?%\})", RegexOptions.CultureInvariant)]
    private static partial Regex Mark();
}
