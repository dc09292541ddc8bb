using BenchmarkDotNet.Attributes;
using Microsoft.ML.Tokenizers;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Bench.Micro;

/// <summary>From text to ids with new tokenizers, whose caches are empty: every word is merged at its first appearance.</summary>
[MemoryDiagnoser]
[InvocationCount(1)]
[BenchmarkCategory(BenchInputs.WholeFile)]
public class FirstTokenizationBenchmarks
{
    private readonly BenchInputs _inputs = BenchInputs.Current;
    private HuggingFaceTokenizer? _tokenizer;
    private BpeTokenizer? _bare;

    [IterationSetup]
    public void MakeTokenizers()
    {
        _tokenizer = HuggingFaceTokenizer.Parse(_inputs.Model.Tokenizer.TokenizerJson, _inputs.Model.Tokenizer.TokenizerConfigJson);
        _bare = BareTokenizer.Create(_tokenizer);
    }

    [Benchmark(Description = "tokens, first time: bare library")]
    public long Bare()
    {
        long tokens = 0;
        foreach (string text in _inputs.Texts)
            tokens += _bare!.EncodeToIds(text).Count;
        return tokens;
    }

    [Benchmark(Description = "tokens, first time: this tokenizer")]
    public long Encoded()
    {
        long tokens = 0;
        foreach (string text in _inputs.Texts)
            tokens += _tokenizer!.Encode(text, addSpecialTokens: false).Length;
        return tokens;
    }
}
