namespace MiniMind.MLNet.Dpo.Tokenization.Splitting;

/// <summary>Where Metaspace puts its character before a piece that does not begin with it (the names are tokenizer.json's).</summary>
internal enum PrependScheme
{
    /// <summary>Nowhere.</summary>
    Never,

    /// <summary>Before the piece that the text begins with.</summary>
    First,

    /// <summary>Before every piece.</summary>
    Always,
}
