namespace MiniMind.MLNet.Dpo.Tokenization.Models;

/// <summary>Chooses what makes tokens of words.</summary>
internal static class WordModels
{
    /// <summary>The encoder of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ofBytes">Whether words are written in the byte-level alphabet.</param>
    public static IWordModel Of(TokenModel model, bool ofBytes) => model switch
    {
        MergeModel merges when ofBytes => new WordEncoder(merges),
        MergeModel merges => new CharacterMerger(merges),
        _ => new UnigramEncoder((UnigramModel)model),
    };
}
