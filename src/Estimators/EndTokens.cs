using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Which tokens can end an answer.</summary>
internal static class EndTokens
{
    /// <summary>Those that the tokenizer calls special, its eos token among them.</summary>
    public static Func<int, bool> Of(HuggingFaceTokenizer tokenizer) => id => tokenizer.IsSpecial(id) || id == tokenizer.EosTokenId;
}
