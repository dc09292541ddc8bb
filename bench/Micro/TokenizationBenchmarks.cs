using BenchmarkDotNet.Attributes;
using Microsoft.ML;
using Microsoft.ML.Tokenizers;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Bench.Micro;

/// <summary>From text to ids, over and over, so that words are in the caches: what a large file comes to.</summary>
[MemoryDiagnoser]
[BenchmarkCategory(BenchInputs.WholeFile)]
public class TokenizationBenchmarks
{
    private readonly BenchInputs _inputs = BenchInputs.Current;
    private readonly HuggingFaceTokenizer _tokenizer;
    private readonly BpeTokenizer _bare;
    private readonly TransformPass<TextRow> _transform;

    public TokenizationBenchmarks()
    {
        _tokenizer = _inputs.Model.Tokenizer;
        _bare = BareTokenizer.Create(_tokenizer);
        int differing = _inputs.Texts.Where((text, i) => !_bare.EncodeToIds(text).SequenceEqual(_inputs.Tokens[i])).Count();
        if (differing > 0)
            Console.WriteLine($"// the bare library gives other ids for {differing} of {_inputs.Texts.Count} texts");
        _transform = new TransformPass<TextRow>(
            _inputs.Context, [.. _inputs.Texts.Select(text => new TextRow { Text = text })],
            _inputs.Context.Transforms.TokenizeConversations(_tokenizer, [new("Tokens", nameof(TextRow.Text))], maxLength: int.MaxValue), "Tokens");
    }

    [Benchmark(Description = "tokens: bare library")]
    public long Bare()
    {
        long tokens = 0;
        foreach (string text in _inputs.Texts)
            tokens += _bare.EncodeToIds(text).Count;
        return tokens;
    }

    [Benchmark(Description = "tokens: this tokenizer")]
    public long Encoded()
    {
        long tokens = 0;
        foreach (string text in _inputs.Texts)
            tokens += _tokenizer.Encode(text, addSpecialTokens: false).Length;
        return tokens;
    }

    [Benchmark(Description = "tokens: through the transform")]
    public long Transformed() => _transform.ReadVectors<int>();
}
