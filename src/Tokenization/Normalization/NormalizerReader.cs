namespace MiniMind.MLNet.Dpo.Tokenization.Normalization;

/// <summary>Reads the <c>normalizer</c> of tokenizer.json.</summary>
internal static class NormalizerReader
{
    private const string Supported =
        "\"NFC\", \"NFD\", \"NFKC\", \"NFKD\", \"Prepend\", \"Replace\", \"Strip\", \"Lowercase\", \"StripAccents\", \"Precompiled\", a Sequence of them, " +
        "or no normalizer";

    /// <summary>Reads the section; none normalizes nothing.</summary>
    /// <param name="section">The section.</param>
    /// <param name="patterns">Reads its patterns.</param>
    /// <param name="faults">Takes what is not supported of its steps.</param>
    public static Normalizer Read(JsonSection? section, PatternReader patterns, FaultList faults)
    {
        List<INormalizerStep> steps = new();
        int count = 0;
        if (section is not null)
            Add(section, patterns, faults, steps, ref count);
        return new Normalizer(steps);
    }

    private static void Add(JsonSection section, PatternReader patterns, FaultList faults, List<INormalizerStep> steps, ref int count)
    {
        if (section.Type == "Sequence")
        {
            section.AllowOnly("type", "normalizers");
            foreach (JsonSection part in section.Sections("normalizers"))
            {
                try
                {
                    Add(part, patterns, faults, steps, ref count);
                }
                catch (InvalidDataException failure) when (count <= TokenizerLimits.Steps)
                {
                    faults.Add(failure);
                }
            }
            return;
        }
        if (++count > TokenizerLimits.Steps)
            throw section.Error("type", $"is one of more than {TokenizerLimits.Steps} steps; no more are taken");
        steps.Add(Step(section, patterns));
    }

    private static INormalizerStep Step(JsonSection section, PatternReader patterns)
    {
        switch (section.Type)
        {
            case "NFC" or "NFD" or "NFKC" or "NFKD":
                section.AllowOnly("type");
                return new UnicodeFormStep(Enum.Parse<UnicodeForm>(section.Type.AsSpan(2)));
            case "Prepend":
                section.AllowOnly("type", "prepend");
                return new PrependStep(PutIn(section, "prepend"));
            case "Replace":
                section.AllowOnly("type", "pattern", "content");
                return new ReplaceStep(patterns.Read(section.Section("pattern")), PutIn(section, "content"));
            case "Strip":
                section.AllowOnly("type", "strip_left", "strip_right");
                return new StripStep(section.Flag("strip_left"), section.Flag("strip_right"));
            case "Lowercase":
                section.AllowOnly("type");
                return new LowercaseStep();
            case "StripAccents":
                section.AllowOnly("type");
                return new StripAccentsStep();
            case "Precompiled":
                section.AllowOnly("type", "precompiled_charsmap");
                return new PrecompiledStep(Rules(section));
            default:
                section.Require("type", isSupported: false, Supported);
                throw new InvalidOperationException();
        }
    }

    private static CharacterRules Rules(JsonSection section)
    {
        try
        {
            return new CharacterRules(System.Convert.FromBase64String(section.Text("precompiled_charsmap")));
        }
        catch (FormatException failure)
        {
            throw section.Error("precompiled_charsmap", $"is damaged: {failure.Message}");
        }
    }

    private static string PutIn(JsonSection section, string key)
    {
        string text = section.Text(key);
        section.Require(key, text.Length <= TokenizerLimits.PutInCharacters, $"up to {TokenizerLimits.PutInCharacters} characters");
        return text;
    }
}
