namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>How the ByteLevel post-processor shortens the reported range of a token that starts or ends with white space.</summary>
internal enum OffsetTrimming
{
    /// <summary>Ranges stay as they are.</summary>
    None,

    /// <summary>White space is left out.</summary>
    Trim,

    /// <summary>White space is left out, but not a single space at the start of the text, which the tokenizer may have put there.</summary>
    TrimAfterPrefixSpace,
}
