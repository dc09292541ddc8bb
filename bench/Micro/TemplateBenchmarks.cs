using BenchmarkDotNet.Attributes;
using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Bench.Micro;

/// <summary>From message lists to text.</summary>
[MemoryDiagnoser]
[BenchmarkCategory(BenchInputs.WholeFile)]
public class TemplateBenchmarks
{
    private readonly BenchInputs _inputs = BenchInputs.Current;
    private readonly TransformPass<TextRow> _transform;

    public TemplateBenchmarks() => _transform = new TransformPass<TextRow>(
        _inputs.Context, [.. _inputs.Conversations.Select(json => new TextRow { Text = json })],
        _inputs.Context.Transforms.ApplyChatTemplate(_inputs.Model.ChatTemplate, [new("Rendered", nameof(TextRow.Text))]), "Rendered");

    [Benchmark(Description = "template: rendered alone")]
    public long Rendered()
    {
        long characters = 0;
        foreach (string conversation in _inputs.Conversations)
            characters += _inputs.Model.ChatTemplate.Render(conversation).Length;
        return characters;
    }

    [Benchmark(Description = "template: through the transform")]
    public long Transformed() => _transform.ReadTexts();
}
