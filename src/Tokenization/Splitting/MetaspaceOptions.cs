namespace MiniMind.MLNet.Dpo.Tokenization.Splitting;

/// <summary>Reads what Metaspace says as a pre-tokenizer and as a decoder.</summary>
internal static class MetaspaceOptions
{
    /// <summary>The character that stands for a space.</summary>
    public static char MetaspaceReplacement(this JsonSection section)
    {
        string replacement = section.Text("replacement");
        section.Require("replacement", replacement.Length == 1 && !char.IsSurrogate(replacement[0]), "one character, such as \"\u2581\"");
        return replacement[0];
    }

    /// <summary>Where it is put before a piece; older files say it with <c>add_prefix_space</c>.</summary>
    public static PrependScheme MetaspaceScheme(this JsonSection section)
    {
        PrependScheme scheme = section.OptionalText("prepend_scheme") switch
        {
            null or "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            _ => (PrependScheme)(-1),
        };
        section.Require("prepend_scheme", Enum.IsDefined(scheme), "\"always\", \"first\" or \"never\"");
        if (section.Flag("add_prefix_space", true))
            return scheme;
        section.Require("prepend_scheme", !section.HasValue("prepend_scheme") || scheme == PrependScheme.Never,
            "\"never\" where add_prefix_space is false");
        return PrependScheme.Never;
    }
}
