namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Reads the patterns of tokenizer.json, which together must not be too long.</summary>
internal sealed class PatternReader
{
    private const int MaxShownPattern = 200;
    private int _characters;

    /// <summary>Reads an object with either a regular expression or a text.</summary>
    public SplitPattern Read(JsonSection section)
    {
        section.AllowOnly("Regex", "String");
        string key = section.HasValue("String") ? "String" : "Regex";
        section.Require("Regex", section.HasValue("Regex") != section.HasValue("String"), "either Regex or String");
        string pattern = section.Text(key), shown = pattern.Length <= MaxShownPattern ? pattern : pattern[..MaxShownPattern] + "...";
        _characters += Math.Min(pattern.Length, TokenizerLimits.AllPatternCharacters);
        if (_characters > TokenizerLimits.AllPatternCharacters)
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
