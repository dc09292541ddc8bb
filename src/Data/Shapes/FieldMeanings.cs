using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>Tells by their names which fields describe a row and which may be part of its conversation.</summary>
internal static partial class FieldMeanings
{
    private static readonly FrozenSet<string> s_verdicts = Words(
        "rationale rationales explanation explanations critique critiques feedback judgement judgment judge verdict reason reasons justification "
        + "preference preferences annotation annotations annotator annotators labelling labeling evaluation evaluator rater");

    private static readonly FrozenSet<string> s_facts = Words(
        "id ids idx index uuid guid hash sha sha1 sha256 md5 score scores rating ratings rank ranks ranking reward rewards margin logprob "
        + "logprobs logps probability prob model models url urls uri link license date datetime time timestamp created updated version author "
        + "worker length lengths tokens count counts split lang language languages status order seed temperature difficulty confidence agreement "
        + "strength dataset datasets is has num n nb harm severity toxicity metrics stats elo winner fold file filename path meta metadata extra "
        + "info helpfulness correctness coherence complexity verbosity");

    private static readonly FrozenSet<string> s_labels = Words(
        "source sources category categories subcategory topic topics task tasks type types kind label labels tag tags domain subset group style "
        + "theme genre origin provenance format method mode quality safety aspect aspects level");

    private static readonly FrozenSet<string> s_contexts = Words(
        "system instruction instructions input inputs context contexts history dialog dialogue conversation conversations messages message query "
        + "question questions prompt prompts tools functions document documents passage passages persona background image images video videos "
        + "audio audios");

    /// <summary>What the name says.</summary>
    public static FieldMeaning Of(string name)
    {
        string[] words = [.. Word().Matches(name).Select(word => word.Value.ToLowerInvariant())];
        if (words.Length == 0)
            return FieldMeaning.Unknown;
        if (words.Any(s_verdicts.Contains))
            return FieldMeaning.Verdict;
        if (s_facts.Contains(words[^1]))
            return FieldMeaning.Fact;
        if (s_labels.Contains(words[^1]))
            return FieldMeaning.Label;
        if (s_facts.Contains(words[0]))
            return FieldMeaning.Fact;
        if (words.Any(s_contexts.Contains))
            return FieldMeaning.Context;
        return words.Any(s_labels.Contains) ? FieldMeaning.Label : FieldMeaning.Unknown;
    }

    private static FrozenSet<string> Words(string words) => words.Split(' ').ToFrozenSet(StringComparer.Ordinal);

    [GeneratedRegex(@"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[\p{L}-[A-Za-z]]+")]
    private static partial Regex Word();
}
