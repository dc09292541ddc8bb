using Microsoft.ML.Tokenizers;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Tokenization.Models;

namespace MiniMind.MLNet.Dpo.Bench.Micro;

/// <summary>Microsoft.ML.Tokenizers' own byte-level BPE with the same vocabulary, merges and added tokens, and GPT-2's word pattern.</summary>
internal static class BareTokenizer
{
    public static BpeTokenizer Create(HuggingFaceTokenizer tokenizer)
    {
        TokenizerDefinition definition = TokenizerJsonReader.Read(tokenizer.TokenizerJson);
        Dictionary<string, int> special = definition.AddedTokens.ToDictionary(token => token.Content, token => token.Id);
        MergeModel model = (MergeModel)definition.Model;
        return BpeTokenizer.Create(new BpeOptions(model.Vocabulary)
        {
            Merges = model.Merges.Select(pair => $"{pair.Left} {pair.Right}"),
            ByteLevel = true,
            PreTokenizer = new RegexPreTokenizer(KnownSplitPatterns.Find(KnownSplitPatterns.Gpt2)!, special),
            SpecialTokens = special,
            UnknownToken = model.UnknownToken,
            FuseUnknownTokens = model.FusesUnknown,
        });
    }
}
