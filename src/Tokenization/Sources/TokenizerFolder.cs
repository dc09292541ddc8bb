using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Tokenization.Sources;

/// <summary>Finds the files of a tokenizer in a folder: tokenizer.json, or else what it is made from.</summary>
internal static class TokenizerFolder
{
    private const string AddedFile = "added_tokens.json";
    private const string ConfigFile = "config.json";
    private const int MaxConfigBytes = 8 << 20;

    /// <summary>Reads them.</summary>
    /// <exception cref="FileNotFoundException">The folder has no tokenizer.</exception>
    /// <exception cref="InvalidDataException">A file is malformed, no regular file, or says what is not supported.</exception>
    public static TokenizerSource Read(string folder, ModelLoadOptions? options)
    {
        ReadOnlyMemory<byte> config = Optional(TokenizerConfig.FileName, TokenizerConfig.MaxFileBytes);
        if (Has(TokenizerText.FileName))
            return new TokenizerSource(Bytes(TokenizerText.FileName, TokenizerJsonReader.MaxFileBytes), config, null, []);
        if (Has(SentencePieceSource.FileName))
            return SentencePieceSource.Convert(Bytes(SentencePieceSource.FileName, SentencePieceSource.MaxFileBytes), config);
        if (Has(MergeFilesSource.VocabularyFile) && Has(MergeFilesSource.MergesFile))
        {
            return MergeFilesSource.Convert(
                Bytes(MergeFilesSource.VocabularyFile, MergeFilesSource.MaxFileBytes), Bytes(MergeFilesSource.MergesFile, MergeFilesSource.MaxFileBytes),
                Optional(AddedFile, MaxConfigBytes), config, Optional(ConfigFile, MaxConfigBytes));
        }

        string file = Path.Combine(folder, TokenizerText.FileName);
        throw new FileNotFoundException(
            $"{file} is missing; a model folder has a Hugging Face tokenizer.json, or {SentencePieceSource.FileName}, or " +
            $"{MergeFilesSource.VocabularyFile} with {MergeFilesSource.MergesFile}.", file);

        bool Has(string name) => Path.Exists(Path.Combine(folder, name));
        byte[] Bytes(string name, int most) => ModelFile.Read(Path.Combine(folder, name), most, options);
        ReadOnlyMemory<byte> Optional(string name, int most) => Has(name) ? Bytes(name, most) : ReadOnlyMemory<byte>.Empty;
    }
}
