namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>A token that is found in the text before the vocabulary's merges see it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">The text that it stands for.</param>
/// <param name="SingleWord">It is found only where no word character touches it.</param>
/// <param name="LeftStrip">It takes the white space on its left with it.</param>
/// <param name="RightStrip">It takes the white space on its right with it.</param>
/// <param name="Normalized">It is looked for in the normalized text.</param>
/// <param name="Special">It is left out of the text when special tokens are skipped in decoding.</param>
internal sealed record AddedToken(
    int Id, string Content, bool SingleWord, bool LeftStrip, bool RightStrip, bool Normalized, bool Special);
