using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>Long prompts are read in several passes.</summary>
public sealed class GenerationPassTests : IDisposable
{
    private static readonly int[] s_prompt = [.. Enumerable.Range(0, 1300).Select(i => 5 + 37 * i % 900)];

    private readonly MiniMindNetwork _network = GoldenModels.Load(TestFiles.Golden("model-dense", "tiny"));

    [Fact]
    public void Next_LongPrompt_GivesWhatTokenByTokenGives()
    {
        using GenerationSession whole = new(_network), stepwise = new(_network);

        float[] logits = whole.Next(s_prompt, default);
        float[] expected = [];
        for (int length = 1; length <= s_prompt.Length; length++)
            expected = stepwise.Next(s_prompt.AsSpan(0, length), default);

        logits.Zip(expected, (one, other) => Math.Abs(one - other)).Max().Should().BeLessThan(1e-4f, "only the order of sums differs");
    }

    [Fact]
    public void Next_CancelledBetweenTwoPasses_GoesOnFromThere()
    {
        using GenerationSession session = new(_network), fresh = new(_network);
        using CancellationTokenSource cancel = new();
        RowCount rows = new(_network);
        _network.named_modules().Single(m => m.name == "model.embed_tokens").module.Should().NotBeNull();
        cancel.Cancel();
        FluentActions.Invoking(() => session.Next(s_prompt, cancel.Token)).Should().Throw<OperationCanceledException>();
        rows.Rows.Should().Be(0);
        session.Next(s_prompt.AsSpan(0, 700), default);
        rows.Reset();

        float[] logits = session.Next(s_prompt, default);

        rows.Rows.Should().Be(600);
        logits.Zip(fresh.Next(s_prompt, default), (one, other) => Math.Abs(one - other)).Max().Should().BeLessThan(1e-4f);
    }

    public void Dispose() => _network.Dispose();
}
