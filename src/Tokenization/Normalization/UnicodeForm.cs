namespace MiniMind.MLNet.Dpo.Tokenization.Normalization;

/// <summary>A normalization form of Unicode (UAX 15).</summary>
internal enum UnicodeForm
{
    /// <summary>Decomposed, then composed.</summary>
    C,

    /// <summary>Decomposed.</summary>
    D,

    /// <summary>As C, with characters that merely look otherwise, such as ligatures and full-width letters, made plain.</summary>
    KC,

    /// <summary>As D, with such characters made plain.</summary>
    KD,
}
