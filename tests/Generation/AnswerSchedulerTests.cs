using MiniMind.MLNet.Dpo.Generation;

namespace MiniMind.MLNet.Dpo.Tests.Generation;

/// <summary>How a scheduler ends: answers of one owner, or all, at once and with all that they held.</summary>
public sealed class AnswerSchedulerTests : IDisposable
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(30);

    private readonly ManualResetEventSlim _open = new();
    private readonly ScriptedModel _model = new([.. ScriptedChat.Ids("One rye loaf."), ScriptedChat.End]);
    private readonly AnswerScheduler _scheduler;

    public AnswerSchedulerTests()
    {
        _model.Pass = _ => _open.Wait(s_soon).Should().BeTrue();
        _scheduler = new AnswerScheduler(_model, new ServingOptions { MostTogether = 2 });
    }

    [Fact]
    public async Task EndAll_OfOneOwner_EndsThoseThatDecodeAndThoseThatWait()
    {
        object first = new(), second = new();
        ScheduledAnswer[] ended = [Start(first), Start(first), Start(first)];
        ScheduledAnswer other = Start(second);

        _scheduler.EndAll(first);

        foreach (ScheduledAnswer answer in ended)
            await FluentActions.Awaiting(async () => await answer.TakeAsync(default)).Should().ThrowAsync<ObjectDisposedException>("it waits for no pass");
        _open.Set();
        (await Text(other)).Should().Be("One rye loaf.");
        _scheduler.Status.Should().Match<ServingStatus>(status => status.Decoding == 0 && status.Waiting == 0);
        _model.Sequences.Should().OnlyContain(sequence => sequence.Length <= 3 + 8, "no further token of the others was made");
    }

    [Fact]
    public void Dispose_WithNothingStarted_LetsGoOfTheModel()
    {
        _scheduler.Dispose();
        _scheduler.Dispose();

        _model.IsDisposed.Should().BeTrue();
        FluentActions.Invoking(() => Start(this)).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public async Task Start_AfterTheLoopHasEndedForWantOfAnything_BeginsItAnew()
    {
        _open.Set();
        (await Text(Start(this))).Should().NotBeEmpty();
        await Task.Delay(1300); // it waits for a second

        (await Text(Start(this))).Should().Be("One rye loaf.");
        _scheduler.Dispose();

        (_model.IsDisposed, _model.LivingCaches).Should().Be((true, 0));
    }

    public void Dispose()
    {
        _open.Set();
        _scheduler.Dispose();
    }

    private static async Task<string> Text(ScheduledAnswer answer)
    {
        string text = "";
        while (await answer.TakeAsync(default).AsTask().WaitAsync(s_soon) is { } updates)
            text += string.Concat(updates.Select(update => update.Text));
        return text;
    }

    private ScheduledAnswer Start(object owner)
    {
        AnswerParts parts = new(null, null, false, int.MaxValue);
        return _scheduler.Start(new ChatAnswer
        {
            Tokens = new AnswerTokens([ScriptedChat.Start, .. ScriptedChat.Ids("assistant\n")], ScriptedChat.Greedy, _model.VocabularySize, 512), Parts = parts,
            Text = new AnswerText(ScriptedChat.Tokenizer, new HashSet<int> { ScriptedChat.End }, [], parts), ShowsReasoning = true, Model = "scripted",
        }, owner);
    }
}
