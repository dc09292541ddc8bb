namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>
/// What tokenizer.json may ask of this machine, well above what published tokenizers need: a few steps, and patterns of at most some hundred characters.
/// </summary>
internal static class TokenizerLimits
{
    /// <summary>Ids must be below this: four times what the largest published vocabularies have.</summary>
    public const int Vocabulary = 1 << 20;

    /// <summary>Steps of a normalizer, a pre-tokenizer, a post-processor or a decoder.</summary>
    public const int Steps = 64;

    /// <summary>Characters of one pattern of the pre-tokenizer.</summary>
    public const int PatternCharacters = 4096;

    /// <summary>Characters of all patterns together.</summary>
    public const int AllPatternCharacters = 16_384;

    /// <summary>Elements of a pattern, those in a counted repetition as often as it repeats them.</summary>
    public const int PatternElements = 10_000;

    /// <summary>Characters up to which a pattern is compiled to machine code; a longer one costs more to compile than it saves.</summary>
    public const int CompiledCharacters = 1024;

    /// <summary>Added tokens of tokenizer.json or tokenizer_config.json.</summary>
    public const int AddedTokens = 65_536;

    /// <summary>Characters of all added tokens together.</summary>
    public const int AddedTokenCharacters = 2 << 20;

    /// <summary>Characters of a text that a step puts in.</summary>
    public const int PutInCharacters = 1000;

    /// <summary>Characters that a decoder may put in for a pattern within a token.</summary>
    public const int DecodedCharacters = 16;

    /// <summary>Bytes that all tokens together may stand for.</summary>
    public const int DecodedBytes = 128 << 20;

    /// <summary>How many characters the normalizer may make of one, beside <see cref="NormalizedAnyway"/>.</summary>
    public const int NormalizedGrowth = 64;

    /// <summary>Characters that a normalized text may have however short the text is.</summary>
    public const int NormalizedAnyway = 4096;

    /// <summary>Ids that a post-processor puts before and after a text.</summary>
    public const int FrameIds = 256;

    /// <summary>Seconds that one match of a pattern may take.</summary>
    public const int MatchSeconds = 10;

    /// <summary>Seconds that the patterns may take for a text, and again for every <see cref="PatientCharacters"/>.</summary>
    public const int TextSeconds = 10;

    /// <summary>Characters for which <see cref="TextSeconds"/> are allowed again.</summary>
    public const int PatientCharacters = 1_000_000;
}
