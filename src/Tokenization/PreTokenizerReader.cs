namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Reads the <c>pre_tokenizer</c> of tokenizer.json: ByteLevel, or a Sequence of Split and Digits that ends with it.</summary>
internal static class PreTokenizerReader
{
    private const int MaxShownPattern = 200;

    private const string Supported = "\"ByteLevel\", or \"Sequence\" of \"Split\" and \"Digits\" that ends with \"ByteLevel\"";

    /// <summary>Reads the section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="faults">Takes what is not supported of its steps.</param>
    public static WordSplitter Read(JsonSection section, FaultList faults)
    {
        List<SplitStep?> steps = new();
        List<JsonSection> parts = new();
        Flatten(section, parts);
        int characters = 0;
        foreach (JsonSection part in parts.SkipLast(1))
            steps.Add(faults.Try(() => Step(part, ref characters)));
        JsonSection? last = parts.LastOrDefault();
        if (last is null)
            throw section.Error("pretokenizers", "is empty; it must end with ByteLevel");
        last.Require("type", last.Type == "ByteLevel", Supported);
        last.AllowOnly("type", "add_prefix_space", "trim_offsets", "use_regex");
        SplitStep? final = last.Flag("use_regex", true)
            ? new SplitStep(SplitPattern.FromRegex(KnownSplitPatterns.Gpt2), SplitBehavior.Isolated, Invert: false)
            : null;
        return new WordSplitter([.. steps.OfType<SplitStep>()], last.Flag("add_prefix_space"), final);
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

    private static SplitStep Step(JsonSection section, ref int characters)
    {
        switch (section.Type)
        {
            case "Digits":
                section.AllowOnly("type", "individual_digits");
                string digits = section.Flag("individual_digits") ? KnownSplitPatterns.Digit : KnownSplitPatterns.DigitRun;
                return new SplitStep(SplitPattern.FromRegex(digits), SplitBehavior.Isolated, Invert: false);
            case "Split":
                section.AllowOnly("type", "pattern", "behavior", "invert");
                bool known = Enum.TryParse(section.Text("behavior"), out SplitBehavior behavior) && Enum.IsDefined(behavior);
                section.Require("behavior", known && section.Text("behavior") == behavior.ToString(), string.Join(", ", Enum.GetNames<SplitBehavior>()));
                return new SplitStep(Pattern(section.Section("pattern"), ref characters), behavior, section.Flag("invert"));
            default:
                section.Require("type", isSupported: false, Supported);
                throw new InvalidOperationException();
        }
    }

    private static SplitPattern Pattern(JsonSection section, ref int characters)
    {
        section.AllowOnly("Regex", "String");
        string key = section.HasValue("String") ? "String" : "Regex";
        section.Require("Regex", section.HasValue("Regex") != section.HasValue("String"), "either Regex or String");
        string pattern = section.Text(key), shown = pattern.Length <= MaxShownPattern ? pattern : pattern[..MaxShownPattern] + "...";
        characters += Math.Min(pattern.Length, TokenizerLimits.AllPatternCharacters);
        if (characters > TokenizerLimits.AllPatternCharacters)
        {
            throw section.Error(
                key, $"is \"{shown}\": with it the patterns together have more than {TokenizerLimits.AllPatternCharacters} characters; no more are taken");
        }

        try
        {
            return key == "Regex" ? SplitPattern.FromRegex(pattern) : SplitPattern.FromText(pattern);
        }
        catch (FormatException failure)
        {
            throw section.Error(key, $"is \"{shown}\", which is not supported: {failure.Message}");
        }
    }
}
