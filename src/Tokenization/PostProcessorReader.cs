namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Reads the <c>post_processor</c> of tokenizer.json: ByteLevel, or those that put tokens around a text.</summary>
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
            // a second template would go around the first one
            SequenceFrame outer = part.Type switch
            {
                "TemplateProcessing" => Template(part),
                "BertProcessing" or "RobertaProcessing" => Separators(part),
                _ => Refused(part),
            };
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
        foreach (JsonSection part in Flatten(section).Where(part => part.Type is "ByteLevel" or "RobertaProcessing"))
        {
            bool isByteLevel = part.Type == "ByteLevel";
            if (isByteLevel)
                part.AllowOnly("type", "add_prefix_space", "trim_offsets", "use_regex");
            if (isByteLevel ? part.Flag("trim_offsets") : part.Flag("trim_offsets", true))
            {
                bool hasSpace = isByteLevel ? part.Flag("add_prefix_space") : part.Flag("add_prefix_space", true);
                trimming = hasSpace ? OffsetTrimming.TrimAfterPrefixSpace : OffsetTrimming.Trim;
            }
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
        // some files have what another post-processor says beside it; the reference reads it as little
        section.AllowOnly("type", "single", "pair", "special_tokens", "add_prefix_space", "trim_offsets", "use_regex");
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

    /// <summary>One token before the text and one behind it.</summary>
    private static SequenceFrame Separators(JsonSection section)
    {
        section.AllowOnly("type", "sep", "cls", "trim_offsets", "add_prefix_space");
        return new SequenceFrame([section.TokenAndId("cls")], [section.TokenAndId("sep")]);
    }

    private static SequenceFrame Refused(JsonSection section)
    {
        section.Require("type", isSupported: false,
            "\"ByteLevel\", \"TemplateProcessing\", \"BertProcessing\", \"RobertaProcessing\", or \"Sequence\" of them");
        throw new InvalidOperationException();
    }
}
