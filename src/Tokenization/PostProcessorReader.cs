namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Reads the <c>post_processor</c> of tokenizer.json: ByteLevel, TemplateProcessing, or a Sequence of them.</summary>
internal static class PostProcessorReader
{
    /// <summary>The ids that are put around a text.</summary>
    public static SequenceFrame Frame(JsonSection section)
    {
        SequenceFrame frame = SequenceFrame.None;
        foreach (JsonSection part in Flatten(section))
        {
            if (part.Type == "ByteLevel")
                continue;
            part.Require("type", part.Type == "TemplateProcessing", "\"ByteLevel\", \"TemplateProcessing\", or \"Sequence\" of them");
            // a second template would go around the first one
            SequenceFrame outer = Template(part);
            frame = new SequenceFrame([.. outer.Before, .. frame.Before], [.. frame.After, .. outer.After]);
            if (frame.Before.Length + frame.After.Length > TokenizerLimits.FrameIds)
                throw part.Error("single", $"puts more than {TokenizerLimits.FrameIds} ids around a text; no more are taken");
        }
        return frame;
    }

    /// <summary>What happens to the reported ranges.</summary>
    public static OffsetTrimming Trimming(JsonSection section)
    {
        OffsetTrimming trimming = OffsetTrimming.None;
        foreach (JsonSection part in Flatten(section).Where(part => part.Type == "ByteLevel"))
        {
            part.AllowOnly("type", "add_prefix_space", "trim_offsets", "use_regex");
            if (part.Flag("trim_offsets"))
                trimming = part.Flag("add_prefix_space") ? OffsetTrimming.TrimAfterPrefixSpace : OffsetTrimming.Trim;
        }
        return trimming;
    }

    private static IEnumerable<JsonSection> Flatten(JsonSection section)
    {
        if (section.Type != "Sequence")
            return [section];
        section.AllowOnly("type", "processors");
        List<JsonSection> parts = [.. section.Sections("processors").SelectMany(Flatten)];
        return parts.Count <= TokenizerLimits.Steps ? parts
            : throw section.Error("processors", $"has {parts.Count} steps; at most {TokenizerLimits.Steps} are taken");
    }

    private static SequenceFrame Template(JsonSection section)
    {
        section.AllowOnly("type", "single", "pair", "special_tokens");
        Dictionary<string, JsonSection> tokens = section.Section("special_tokens").Entries();
        List<int> before = [], after = [];
        bool atText = false;
        foreach (JsonSection piece in section.Sections("single"))
        {
            piece.AllowOnly("Sequence", "SpecialToken");
            if (piece.OptionalSection("Sequence") is { } sequence)
            {
                sequence.AllowOnly("id", "type_id");
                sequence.Require("id", sequence.Text("id") == "A" && !atText, "\"A\", once");
                atText = true;
                continue;
            }
            JsonSection special = piece.Section("SpecialToken");
            special.AllowOnly("id", "type_id");
            string name = special.Text("id");
            special.Require("id", tokens.ContainsKey(name), "a key of special_tokens");
            tokens[name].AllowOnly("id", "ids", "tokens");
            (atText ? after : before).AddRange(tokens[name].Ids("ids"));
        }
        section.Require("single", atText, "a list with the Sequence A in it");
        return new SequenceFrame([.. before], [.. after]);
    }
}
