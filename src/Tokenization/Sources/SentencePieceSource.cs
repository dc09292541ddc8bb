using System.Text;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Tokenization.Sources;

/// <summary>Makes tokenizer.json of a SentencePiece model, as transformers does.</summary>
internal static class SentencePieceSource
{
    /// <summary>The file's name.</summary>
    public const string FileName = "tokenizer.model";

    /// <summary>The largest file that is read, eight times Gemma's.</summary>
    public const int MaxFileBytes = 32 << 20;

    private const double UserPenalty = 0.1;
    private const char Space = '\u2581';
    private const string ReplaceSpaces = """{"type":"Replace","pattern":{"String":" "},"content":"\u2581"}""";
    private const string Prepend = """{"type":"Prepend","prepend":"\u2581"}""";
    private const string RemoveSpaces =
        """{"type":"Replace","pattern":{"Regex":"(?<![\\s\\S]) +| +(?![\\s\\S])"},"content":""},{"type":"Replace","pattern":{"Regex":" +"},"content":" "}""";

    /// <summary>The same tokenizer as tokenizer.json.</summary>
    /// <param name="bytes">The bytes of tokenizer.model.</param>
    /// <param name="tokenizerConfig">The bytes of tokenizer_config.json; where there is none, one is made that names the model's tokens.</param>
    /// <exception cref="InvalidDataException">The model is damaged, or asks for something that is not supported.</exception>
    public static TokenizerSource Convert(ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte> tokenizerConfig)
    {
        SentencePieceModel model = SentencePieceModel.Read(bytes.Span);
        Dictionary<string, int> ids = Ids(model);
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, new JsonWriterOptions { Encoder = TokenizerText.Readable }))
        {
            writer.WriteStartObject();
            writer.WriteString("version", "1.0");
            writer.WriteStartArray("added_tokens");
            for (int id = 0; id < model.Pieces.Count; id++)
            {
                (string text, _, PieceKind kind) = model.Pieces[id];
                if (kind is PieceKind.Control or PieceKind.Unknown || (kind == PieceKind.UserDefined && model.MergesPairs))
                    ConvertedSections.AddedToken(writer, id, text, special: kind != PieceKind.UserDefined, normalized: false);
            }
            writer.WriteEndArray();
            string? rules = model.Rules.Length == 0 ? null
                : $$"""{"type":"Precompiled","precompiled_charsmap":"{{System.Convert.ToBase64String(model.Rules)}}"}""";
            string?[] steps = [rules, model.RemovesSpaces ? RemoveSpaces : null, model.AddsPrefix ? Prepend : null, ReplaceSpaces];
            writer.WriteRaw("normalizer", $$"""{"type":"Sequence","normalizers":[{{string.Join(',', steps.OfType<string>())}}]}""");
            string strip = model.AddsPrefix ? """,{"type":"Strip","content":" ","start":1,"stop":0}""" : "";
            writer.WriteRaw("decoder", $$"""
                {"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"\u2581"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"}{{strip}}]}
                """);
            writer.WriteStartObject("model");
            if (model.MergesPairs)
                WriteMerges(writer, model, ids);
            else
                WriteScores(writer, model);
            writer.WriteBoolean("byte_fallback", model.FallsBackToBytes);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return new TokenizerSource(stream.ToArray(), tokenizerConfig.IsEmpty ? Config(model) : tokenizerConfig, FileName, []);
    }

    private static Dictionary<string, int> Ids(SentencePieceModel model)
    {
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        for (int id = 0; id < model.Pieces.Count; id++)
        {
            (string text, _, PieceKind kind) = model.Pieces[id];
            if (!ids.TryAdd(text, id))
                throw SentencePieceModel.Refused($"piece {id} is '{text}', which piece {ids[text]} is already");
            if (kind == PieceKind.Unused)
                throw SentencePieceModel.Refused($"piece {id} ('{text}') is of the type UNUSED; supported: NORMAL, UNKNOWN, CONTROL, USER_DEFINED, BYTE");
            if (kind == PieceKind.UserDefined && model.MergesPairs && text.Contains(Space))
                throw SentencePieceModel.Refused($"piece {id} ('{text}') is a user-defined symbol with a space, which tokenizer.json cannot say");
        }
        return ids;
    }

    private static void WriteMerges(Utf8JsonWriter writer, SentencePieceModel model, Dictionary<string, int> ids)
    {
        List<(string Left, string Right, float Score)> merges = new();
        foreach ((string text, float score, PieceKind kind) in model.Pieces)
        {
            if (kind != PieceKind.Normal)
                continue;
            List<(string Left, string Right)> splits = new();
            for (int length = 1; length < text.Length; length++)
            {
                if (IsNormal(text[..length]) && IsNormal(text[length..]))
                    splits.Add((text[..length], text[length..]));
            }

            merges.AddRange(splits.OrderBy(split => ids[split.Left]).ThenBy(split => ids[split.Right]).Select(split => (split.Left, split.Right, score)));
        }
        writer.WriteString("type", "BPE");
        if (model.Ids.Unknown is var unknown && unknown >= 0 && unknown < model.Pieces.Count)
            writer.WriteString("unk_token", model.Pieces[unknown].Text);
        writer.WriteBoolean("fuse_unk", true);
        writer.WriteStartObject("vocab");
        for (int id = 0; id < model.Pieces.Count; id++)
            writer.WriteNumber(model.Pieces[id].Text, id);
        writer.WriteEndObject();
        writer.WriteStartArray("merges");
        foreach ((string left, string right, _) in merges
            .OrderByDescending(merge => merge.Score).ThenByDescending(merge => merge.Left.Length).ThenByDescending(merge => merge.Right.Length))
        {
            writer.WriteStartArray();
            writer.WriteStringValue(left);
            writer.WriteStringValue(right);
            writer.WriteEndArray();
        }
        writer.WriteEndArray();

        bool IsNormal(string text) => ids.TryGetValue(text, out int id) && model.Pieces[id].Kind == PieceKind.Normal;
    }

    private static void WriteScores(Utf8JsonWriter writer, SentencePieceModel model)
    {
        writer.WriteString("type", "Unigram");
        if (model.Ids.Unknown >= 0)
            writer.WriteNumber("unk_id", model.Ids.Unknown);
        writer.WriteStartArray("vocab");
        float best = model.Pieces.Where(piece => piece.Kind == PieceKind.Normal).Select(piece => piece.Score).DefaultIfEmpty().Max();
        foreach ((string text, float score, PieceKind kind) in model.Pieces)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(text);
            // a user's symbol is more probable than whatever else its bytes could be, as in SentencePiece
            writer.WriteNumberValue(kind == PieceKind.UserDefined ? Encoding.UTF8.GetByteCount(text) * (double)best - UserPenalty : score);
            writer.WriteEndArray();
        }
        writer.WriteEndArray();
    }

    private static byte[] Config(SentencePieceModel model)
    {
        (string Key, int Id)[] named =
            [("unk_token", model.Ids.Unknown), ("bos_token", model.Ids.Bos), ("eos_token", model.Ids.Eos), ("pad_token", model.Ids.Pad)];
        return JsonSerializer.SerializeToUtf8Bytes(
            named.Where(token => token.Id >= 0 && token.Id < model.Pieces.Count).ToDictionary(token => token.Key, token => model.Pieces[token.Id].Text));
    }
}
