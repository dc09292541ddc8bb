using MiniMind.MLNet.Dpo.Tokenization.Normalization;
using MiniMind.MLNet.Dpo.Tokenization.Splitting;

namespace MiniMind.MLNet.Dpo.Tokenization.Decoding;

/// <summary>Reads the <c>decoder</c> of tokenizer.json.</summary>
/// <remarks>Taken are steps that change single tokens, then ByteFallback or ByteLevel, then Fuse, then Strip of the whole text.</remarks>
internal static class DecoderReader
{
    private const string Supported =
        "\"ByteLevel\", \"ByteFallback\", \"Fuse\", \"Strip\", \"Replace\", \"Metaspace\", or a Sequence of them";

    private const int MaxStripped = 1000;

    /// <summary>Reads the section.</summary>
    public static DecoderPlan Read(JsonSection section, PatternReader patterns)
    {
        List<JsonSection> parts = new();
        Flatten(section, parts);
        DecoderPlan plan = new();
        List<ITokenStep> steps = new();
        bool isFused = false, areBytes = false;
        foreach (JsonSection part in parts)
        {
            switch (part.Type)
            {
                case "ByteLevel":
                    part.AllowOnly("type", "add_prefix_space", "trim_offsets", "use_regex");
                    CheckOrder(part, !areBytes && !isFused, "behind ByteFallback, ByteLevel or Fuse");
                    plan = plan with { IsByteLevel = true };
                    areBytes = isFused = true;
                    break;
                case "ByteFallback":
                    part.AllowOnly("type");
                    CheckOrder(part, !areBytes && !isFused, "behind ByteFallback, ByteLevel or Fuse");
                    plan = plan with { HasByteTokens = true };
                    areBytes = true;
                    break;
                case "Fuse":
                    part.AllowOnly("type");
                    isFused = true;
                    break;
                case "Strip" when isFused:
                    CheckOrder(part, plan.StripsAtStart + plan.StripsAtEnd == 0, "behind another Strip of the whole text");
                    StripTokenStep whole = Strip(part);
                    plan = plan with { Stripped = whole.Content, StripsAtStart = whole.AtStart, StripsAtEnd = whole.AtEnd };
                    break;
                default:
                    ITokenStep step = Step(part, patterns);
                    CheckOrder(part, !areBytes && !isFused, "behind ByteFallback, ByteLevel or Fuse");
                    steps.Add(step);
                    break;
            }
        }
        return plan with { Steps = steps };
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
        section.AllowOnly("type", "decoders");
        foreach (JsonSection part in section.Sections("decoders"))
            Flatten(part, parts);
    }

    private static ITokenStep Step(JsonSection section, PatternReader patterns)
    {
        switch (section.Type)
        {
            case "Replace":
                section.AllowOnly("type", "pattern", "content");
                string content = section.Text("content");
                section.Require("content", content.Length <= TokenizerLimits.DecodedCharacters, $"up to {TokenizerLimits.DecodedCharacters} characters");
                return new ReplaceTokenStep(new ReplaceStep(patterns.Read(section.Section("pattern")), content));
            case "Metaspace":
                section.AllowOnly("type", "replacement", "prepend_scheme", "split", "add_prefix_space", "str_rep");
                return new MetaspaceTokenStep(section.MetaspaceReplacement(), section.MetaspaceScheme() != PrependScheme.Never);
            case "Strip":
                return Strip(section);
            default:
                section.Require("type", isSupported: false, Supported);
                throw new InvalidOperationException();
        }
    }

    private static StripTokenStep Strip(JsonSection section)
    {
        section.AllowOnly("type", "content", "start", "stop");
        string content = section.Text("content");
        section.Require("content", content.Length == 1 && !char.IsSurrogate(content[0]), "one character");
        return new StripTokenStep(content[0], Count("start"), Count("stop"));

        int Count(string key)
        {
            int count = section.Id(key);
            section.Require(key, count <= MaxStripped, $"up to {MaxStripped}");
            return count;
        }
    }

    private static void CheckOrder(JsonSection section, bool isSupported, string where)
    {
        if (!isSupported)
        {
            throw section.Error("type", $"is \"{section.Type}\" {where}; supported: steps that change single tokens, then ByteFallback or ByteLevel, " +
                "then Fuse, then Strip");
        }
    }
}
