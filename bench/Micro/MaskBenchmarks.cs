using BenchmarkDotNet.Attributes;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Transforms.Masking;

namespace MiniMind.MLNet.Dpo.Bench.Micro;

/// <summary>Which tokens are the assistant's.</summary>
[MemoryDiagnoser]
[BenchmarkCategory(BenchInputs.WholeFile)]
public class MaskBenchmarks
{
    private readonly BenchInputs _inputs = BenchInputs.Current;
    private readonly ResponseSpanRule _spans;
    private readonly HeaderPatternRule _pattern;
    private readonly TransformPass<TokenRow> _transform;
    private readonly float[] _mask;

    public MaskBenchmarks()
    {
        _spans = ResponseSpanRule.For(
            _inputs.Model.Tokenizer, (json, prompt, tools) =>
                SafeRendering.Of(_inputs.Model.ChatTemplate, json, new() { AddGenerationPrompt = prompt, ToolsJson = tools }));
        _pattern = HeaderPatternRule.For(_inputs.Model.Tokenizer, int.MaxValue);
        _transform = new TransformPass<TokenRow>(
            _inputs.Context, [.. _inputs.Tokens.Select(ids => new TokenRow { Tokens = ids })],
            _inputs.Context.Transforms.MaskResponses(_inputs.Model, [new("Mask", nameof(TokenRow.Tokens))]), "Mask");
        _mask = new float[_inputs.Tokens.Max(ids => ids.Length)];
    }

    [Benchmark(Description = "mask: by answers (the default)")]
    public void Spans()
    {
        foreach (int[] ids in _inputs.Tokens)
            _spans.Mask(ids, _mask.AsSpan(0, ids.Length));
    }

    [Benchmark(Description = "mask: by MiniMind's pattern")]
    public void Pattern()
    {
        foreach (int[] ids in _inputs.Tokens)
            _pattern.Mask(ids, _mask.AsSpan(0, ids.Length));
    }

    [Benchmark(Description = "mask: through the transform")]
    public long Transformed() => _transform.ReadVectors<float>();
}
