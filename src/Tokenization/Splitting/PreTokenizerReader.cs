using System.Globalization;
using System.Text;

namespace MiniMind.MLNet.Dpo.Tokenization.Splitting;

/// <summary>Reads the <c>pre_tokenizer</c> of tokenizer.json.</summary>
internal static class PreTokenizerReader
{
    private const string Supported =
        "\"ByteLevel\", \"Metaspace\", \"Whitespace\", \"WhitespaceSplit\", \"Punctuation\", \"Digits\", \"Split\", a Sequence of them, or none";

    /// <summary>Reads the section; without one a piece of text is one word.</summary>
    /// <param name="section">The section.</param>
    /// <param name="patterns">Reads its patterns.</param>
    /// <param name="faults">Takes what is not supported of its steps.</param>
    public static WordSplitter Read(JsonSection? section, PatternReader patterns, FaultList faults)
    {
        List<JsonSection> parts = new();
        if (section is not null)
            Flatten(section, parts);
        JsonSection? bytes = parts.LastOrDefault() is { Type: "ByteLevel" } last ? last : null;
        if (bytes is not null)
            parts.RemoveAt(parts.Count - 1);
        List<IWordStep?> steps = [.. parts.Select(part => faults.Try(() => Step(part, patterns)))];
        if (bytes is null)
            return new WordSplitter([.. steps.OfType<IWordStep>()], isByteLevel: false, addsPrefixSpace: false, final: null);
        bytes.AllowOnly("type", "add_prefix_space", "trim_offsets", "use_regex");
        SplitStep? final = bytes.Flag("use_regex", true)
            ? new SplitStep(SplitPattern.FromRegex(KnownSplitPatterns.Gpt2), SplitBehavior.Isolated, Invert: false)
            : null;
        return new WordSplitter([.. steps.OfType<IWordStep>()], isByteLevel: true, bytes.Flag("add_prefix_space"), final);
    }

    private static void Flatten(JsonSection section, List<JsonSection> parts)
    {
        if (section.Type != "Sequence")
        {
            parts.Add(section);
            if (parts.Count > TokenizerLimits.Steps)
                throw section.Error("type", $"is one of more than {TokenizerLimits.Steps} steps; no more are taken");
            return;
        }
        section.AllowOnly("type", "pretokenizers");
        foreach (JsonSection part in section.Sections("pretokenizers"))
            Flatten(part, parts);
    }

    private static IWordStep Step(JsonSection section, PatternReader patterns)
    {
        switch (section.Type)
        {
            case "Digits":
                section.AllowOnly("type", "individual_digits");
                string digits = section.Flag("individual_digits") ? KnownSplitPatterns.Digit : KnownSplitPatterns.DigitRun;
                return new SplitStep(SplitPattern.FromRegex(digits), SplitBehavior.Isolated, Invert: false);
            case "Split":
                section.AllowOnly("type", "pattern", "behavior", "invert");
                return new SplitStep(patterns.Read(section.Section("pattern")), Behavior(section), section.Flag("invert"));
            case "Metaspace":
                return Metaspace(section);
            case "Whitespace":
                section.AllowOnly("type");
                return new WordRunsStep();
            case "WhitespaceSplit":
                section.AllowOnly("type");
                return new CharacterStep(Rune.IsWhiteSpace, SplitBehavior.Removed);
            case "Punctuation":
                section.AllowOnly("type", "behavior");
                return new CharacterStep(IsPunctuation, section.HasValue("behavior") ? Behavior(section) : SplitBehavior.Isolated);
            case "ByteLevel":
                throw section.Error("type", "is \"ByteLevel\" with steps behind it; supported: as the last step");
            default:
                section.Require("type", isSupported: false, Supported);
                throw new InvalidOperationException();
        }
    }

    private static MetaspaceStep Metaspace(JsonSection section)
    {
        section.AllowOnly("type", "replacement", "prepend_scheme", "split", "add_prefix_space", "str_rep");
        return new MetaspaceStep(section.MetaspaceReplacement(), section.MetaspaceScheme(), section.Flag("split", true));
    }

    private static SplitBehavior Behavior(JsonSection section)
    {
        bool known = Enum.TryParse(section.Text("behavior"), out SplitBehavior behavior) && Enum.IsDefined(behavior);
        section.Require("behavior", known && section.Text("behavior") == behavior.ToString(), string.Join(", ", Enum.GetNames<SplitBehavior>()));
        return behavior;
    }

    // ASCII's symbols count as punctuation, others' do not
    private static bool IsPunctuation(Rune rune) => rune.IsAscii ? Rune.IsPunctuation(rune) || Rune.IsSymbol(rune)
        : Rune.GetUnicodeCategory(rune) is UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation
            or UnicodeCategory.ClosePunctuation or UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation
            or UnicodeCategory.OtherPunctuation;
}
