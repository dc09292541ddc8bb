namespace MiniMind.MLNet.Dpo.Tokenization.Models;

/// <summary>Makes tokens of single words. Thread-safe.</summary>
internal interface IWordModel
{
    /// <summary>Adds the ids of a word of well-formed UTF-16.</summary>
    /// <param name="word">The word.</param>
    /// <param name="ids">The list that the ids are added to.</param>
    /// <param name="byteLengths">Gets for each of them how many UTF-8 bytes of the word it stands for; <see langword="null"/> where nobody asks.</param>
    void Encode(ReadOnlySpan<char> word, List<int> ids, List<int>? byteLengths = null);
}
