using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Transforms.Persistence;

/// <summary>A tokenizer inside a saved model: the two files that describe it, under their own names.</summary>
internal static class TokenizerEntries
{
    private const string TokenizerJson = "tokenizer.json";
    private const string TokenizerConfigJson = "tokenizer_config.json";

    /// <summary>Writes the tokenizer's files.</summary>
    public static void Write(ModelEntryWriter writer, HuggingFaceTokenizer tokenizer)
    {
        writer.WriteCompressed(TokenizerJson, stream => stream.Write(tokenizer.TokenizerJson.Span));
        writer.WriteCompressed(TokenizerConfigJson, stream => stream.Write(tokenizer.TokenizerConfigJson.Span));
    }

    /// <summary>Makes the tokenizer of its files.</summary>
    /// <exception cref="FormatException">An entry is missing or damaged.</exception>
    public static HuggingFaceTokenizer Read(ModelEntryReader reader) => reader.Explain(TokenizerJson, () =>
        HuggingFaceTokenizer.Parse(reader.ReadBytes(TokenizerJson), reader.ReadBytes(TokenizerConfigJson)));
}
