using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Weights.Gguf;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>What a GGUF file says of the tokenizer, the chat template and the end of answers.</summary>
internal sealed class GgufTokenizerKeys
{
    private const int EndKeys = 3; // eos, eot and eom: a runtime stops at each

    private readonly RuntimeVocabulary _vocabulary;
    private readonly HuggingFaceTokenizer _tokenizer;
    private readonly ChatTemplate _template;
    private readonly int? _bos;
    private readonly int[] _ends;

    /// <summary>Collects them.</summary>
    public GgufTokenizerKeys(ModelConfig config, HuggingFaceTokenizer tokenizer, ChatTemplate template, AnswerEnds ends)
    {
        (_tokenizer, _template) = (tokenizer, template);
        _vocabulary = RuntimeVocabulary.Of(tokenizer, config.VocabularySize);
        // the tokenizer's first, for that is what the runtimes put around texts
        _bos = tokenizer.BosTokenId ?? config.BosTokenId;
        int?[] first = [tokenizer.EosTokenId, config.EosTokenId];
        _ends = [.. first.OfType<int>().Concat(ends.Ids.Order()).Distinct()];
    }

    /// <summary>What cannot be said; empty where all can.</summary>
    public IEnumerable<string> Obstacles
    {
        get
        {
            foreach (string obstacle in _vocabulary.Obstacles)
                yield return obstacle;
            if (_ends.Length == 0)
                yield return "it has no end token (eos_token_id), and the runtimes would take one of their own";
            if (_ends.Length > EndKeys)
                yield return $"it has {_ends.Length} end tokens ({string.Join(", ", _ends)}), and a GGUF file can name {EndKeys}";
            if (new[] { _bos }.OfType<int>().Concat(_ends).FirstOrDefault(id => id >= _vocabulary.Tokens.Length, -1) is var id and >= 0)
                yield return $"the id {id} of a bos or end token is beyond the vocabulary of {_vocabulary.Tokens.Length}";
        }
    }

    /// <summary>The texts of the end tokens.</summary>
    public IEnumerable<string> EndTexts => _ends.Select(id => _vocabulary.Tokens[id]);

    /// <summary>Adds the keys.</summary>
    public void AddTo(GgufMetadata metadata)
    {
        metadata.Add("tokenizer.ggml.model", "gpt2");
        metadata.Add("tokenizer.ggml.pre", _vocabulary.PreTokenizer);
        metadata.Add("tokenizer.ggml.tokens", _vocabulary.Tokens);
        metadata.Add("tokenizer.ggml.token_type", [.. _vocabulary.Kinds.Select(kind => (int)kind)]);
        metadata.Add("tokenizer.ggml.merges", [.. _vocabulary.Merges]);
        if (_bos is { } bos)
            metadata.Add("tokenizer.ggml.bos_token_id", bos);
        string[] keys = ["eos", "eot", "eom"];
        for (int i = 0; i < _ends.Length; i++)
            metadata.Add($"tokenizer.ggml.{keys[i]}_token_id", _ends[i]);
        if (_tokenizer.PadTokenId is { } pad)
            metadata.Add("tokenizer.ggml.padding_token_id", pad);
        if (_tokenizer.UnknownTokenId is { } unknown)
            metadata.Add("tokenizer.ggml.unknown_token_id", unknown);
        metadata.Add("tokenizer.ggml.add_bos_token", _vocabulary.AddsBos);
        metadata.Add("tokenizer.ggml.add_eos_token", _vocabulary.AddsEos);
        metadata.Add("tokenizer.chat_template", GenerationMarks.Replace(_template));
    }
}
