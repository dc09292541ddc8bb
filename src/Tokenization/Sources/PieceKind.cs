namespace MiniMind.MLNet.Dpo.Tokenization.Sources;

/// <summary>What a piece of a SentencePiece model is (its <c>type</c>).</summary>
internal enum PieceKind
{
    /// <summary>A piece of text.</summary>
    Normal = 1,

    /// <summary>What no other piece has.</summary>
    Unknown = 2,

    /// <summary>A control symbol, such as the end of a text.</summary>
    Control = 3,

    /// <summary>A text that is always a piece of its own.</summary>
    UserDefined = 4,

    /// <summary>A piece that is not used.</summary>
    Unused = 5,

    /// <summary>One byte.</summary>
    Byte = 6,
}
