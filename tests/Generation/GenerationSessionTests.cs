using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>How many rows a session runs, counted at the network's embedding.</summary>
public sealed class GenerationSessionTests : IDisposable
{
    private static readonly int[] s_prompt = [.. Enumerable.Range(0, 60).Select(i => 5 + 37 * i % 900)];

    private readonly MiniMindNetwork _network = GoldenModels.Load(TestFiles.Golden("model-dense", "tiny"));
    private readonly GenerationSession _session;
    private readonly RowCount _rows;

    public GenerationSessionTests() => (_session, _rows) = (new GenerationSession(_network), new RowCount(_network));

    [Fact]
    public void Generate_FirstPrompt_RunsEveryTokenOnce()
    {
        Answer(s_prompt, 10);

        _rows.Rows.Should().Be(60 + 9, "the prompt, and each new token but the last, which nothing follows");
    }

    [Fact]
    public void Generate_ConversationThatGoesOn_RunsItsNewRowsOnly()
    {
        int[] conversation = s_prompt;
        for (int turn = 0; turn < 3; turn++)
        {
            int[] answer = Answer(conversation, 10);
            conversation = [.. conversation, .. answer, 77, 500 + turn, 3, 8];
            _rows.Reset();
        }

        Answer(conversation, 10);

        _rows.Rows.Should().Be(1 + 4 + 9, "the last answer's last token, which had not been read, the new message, and each new token but the last");
    }

    [Fact]
    public void Generate_PromptThatPartsFromTheLast_RunsFromThereOn()
    {
        Answer(s_prompt, 10);
        int[] other = [.. s_prompt];
        other[40]++;
        _rows.Reset();

        Answer(other, 1);

        _rows.Rows.Should().Be(20);
    }

    [Fact]
    public void Generate_SamePromptAgain_RunsItsLastTokenOnly()
    {
        Answer(s_prompt, 10);
        _rows.Reset();

        Answer(s_prompt, 1);

        _rows.Rows.Should().Be(1, "its logits were not kept");
    }

    [Theory]
    [InlineData(250)] // the room for keys and values is made in steps of 256 tokens
    [InlineData(511)] // and a prompt is read in passes of 512
    [InlineData(515)]
    public void Generate_BeyondTheFirstRoomOrPass_GoesOnAsANewSession(int length)
    {
        int[] prompt = [.. Enumerable.Range(0, length).Select(i => 5 + 37 * i % 900)];

        int[] answer = Answer(prompt, 12);

        using GenerationSession other = new(_network);
        for (int i = 0; i < answer.Length; i += 11)
        {
            other.Generate([.. prompt, .. answer.Take(i)], new GenerationOptions { Temperature = 0, MaxNewTokens = 1 }, new HashSet<int>())
                .Should().Equal([answer[i]], "a session that reads all of it at once says the same");
        }
        _rows.Rows.Should().Be(length + 11 + length + 11, "each session reads every token once");
    }

    [Fact]
    public void Next_ShorterSequence_ForgetsTheRest()
    {
        Answer(s_prompt, 10);
        using GenerationSession other = new(_network);

        float[] again = _session.Next(s_prompt.AsSpan(0, 20), CancellationToken.None), fresh = other.Next(s_prompt.AsSpan(0, 20), CancellationToken.None);

        again.Zip(fresh).Should().OnlyContain(pair => Math.Abs(pair.First - pair.Second) < 1e-4f);
        _session.Read.ToArray().Should().Equal(s_prompt.Take(20));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(600)] // in two passes
    public void Next_Cancelled_ReadsNothing(int length)
    {
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        int[] prompt = [.. Enumerable.Range(0, length).Select(i => 5 + 37 * i % 900)];

        FluentActions.Invoking(() => _session.Next(prompt, cancelled.Token)).Should().Throw<OperationCanceledException>();

        _session.Read.Length.Should().Be(0);
        _rows.Rows.Should().Be(0);
    }

    public void Dispose()
    {
        _session.Dispose();
        _network.Dispose();
    }

    private int[] Answer(IReadOnlyList<int> prompt, int tokens) =>
        [.. _session.Generate(prompt, new GenerationOptions { Temperature = 0, MaxNewTokens = tokens, RepetitionPenalty = 1 }, new HashSet<int>())];
}
