using Microsoft.Extensions.AI;
using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Tests.Judging;

public sealed class WinRateTests
{
    private static readonly PreferenceCatalog s_preferences = new MLContext(seed: 1).Preferences;

    [Fact]
    public void WinRate_JudgeThatTakesTheFirst_IsTiesOnly()
    {
        (string[] prompts, string[] a, string[] b) = Answers(30);

        WinRateResult result = s_preferences.WinRate(StubJudge.AlwaysFirst, prompts, a, b);

        (result.Wins, result.Ties, result.Losses, result.Invalid).Should().Be((0, 30, 0, 0));
        (result.Score, result.FlipShare, result.FirstShownShare, result.Flips).Should().Be((0.5, 1, 1, 30));
        (result.WinShareLower, result.WinShareUpper).Should().Be((0, 1), "nothing is known of what is never decided");
        result.WinShare.Should().Be(double.NaN);
    }

    [Fact]
    public void WinRate_JudgeThatTakesTheLonger_CountsThem()
    {
        // 7 of 10 of A's are longer, one is as long
        string[] a = [.. Enumerable.Range(0, 10).Select(i => new string('a', i < 7 ? 9 : 3))], b = [.. Enumerable.Range(0, 10).Select(_ => new string('b', 5))];
        a[9] = new string('a', 5);
        string[] prompts = [.. Enumerable.Range(0, 10).Select(i => $"Question {i}")];

        WinRateResult result = s_preferences.WinRate(StubJudge.LongerWins, prompts, a, b);

        (result.Wins, result.Ties, result.Losses, result.Invalid).Should().Be((7, 1, 2, 0), "at the same length the second is preferred in either order");
        result.Score.Should().BeApproximately(0.75, 1e-12);
        (result.LongerWinShare, result.Flips, result.MeanLengthA, result.MeanLengthB).Should().Be((1, 1, 7.4, 5));
        // Wilson 1927 for 7 of 9, by another program
        result.WinShareLower.Should().BeApproximately(0.45259, 1e-5);
        result.WinShareUpper.Should().BeApproximately(0.93677, 1e-5);
    }

    [Fact]
    public void WinRate_JudgeThatGuesses_IsNearOneHalf()
    {
        (string[] prompts, string[] a, string[] b) = Answers(100);

        WinRateResult[] results = [.. Enumerable.Range(0, 200).Select(seed => s_preferences.WinRate(StubJudge.Random(seed), prompts, a, b))];

        results.Should().OnlyContain(result => result.Invalid == 0);
        results.Average(result => result.Score).Should().BeApproximately(0.5, 0.01, "the standard deviation of 200 means is 0.0025");
        results.Average(result => result.FlipShare).Should().BeApproximately(0.5, 0.02, "that of their flips is 0.0035");
        results.Count(result => result.WinShareLower <= 0.5 && result.WinShareUpper >= 0.5).Should()
            .BeInRange(180, 198, "95 % of the intervals cover the truth: 190 of 200, give or take 3");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void WinRate_JudgeThatThrowsEveryThirdTime_HasAThirdInvalid(int concurrency)
    {
        (string[] prompts, string[] a, string[] b) = Answers(30);
        StubJudge judge = StubJudge.ThrowsEveryThird();

        WinRateResult result = s_preferences.WinRate(judge, prompts, a, b, new WinRateOptions { MaxConcurrency = concurrency });

        (judge.Calls, result.Replies, result.InvalidReplies).Should().Be((60, 60, 20), "what fails is not tried again");
        result.Invalid.Should().Be(result.Pairs.Count(pair => pair.Fault is not null));
        if (concurrency == 1)
            (result.Wins, result.Ties, result.Losses, result.Invalid).Should().Be((20, 0, 0, 10), "the other order fails at the same prompts");
        result.Pairs.First(pair => pair.Outcome == PairOutcome.Invalid).Fault.Should().Contain("HttpRequestException").And.Contain("no such host");
        result.ToString().Should().Contain("no such host");
    }

    [Fact]
    public void WinRate_NothingValid_SaysSoInsteadOfAShare()
    {
        WinRateResult result = s_preferences.WinRate(new StubJudge((_, _, _) => "I cannot say."), ["Hello?"], ["a"], ["b"]);

        (result.Invalid, result.Valid, result.InvalidReplies).Should().Be((1, 0, 2));
        double.IsNaN(result.Score).Should().BeTrue();
        result.ToString().Should().Be(
            "0 wins, 0 ties, 0 losses, 1 invalid of 1 prompts; mean lengths 1 and 1 characters. " +
            "The first that is invalid: the reply is no letter A or B: 'I cannot say.'");
    }

    [Fact]
    public void WinRate_SameAnswers_AreTiesWithoutAJudge()
    {
        StubJudge judge = StubJudge.AlwaysFirst;
        WinRateResult result = s_preferences.WinRate(judge, ["1", "2"], ["same", "x"], ["same", "y"]);

        (result.Ties, result.Flips, judge.Calls, result.Replies, result.FlipShare).Should().Be((2, 1, 2, 2, 1));
    }

    [Fact]
    public void WinRate_Clients_AreAskedGreedilyAndFailuresCounted()
    {
        EchoClient a = new(prompt => prompt + " and more"), b = new(prompt => prompt == "2" ? throw new TimeoutException("too slow") : prompt);

        WinRateResult result = s_preferences.WinRate(StubJudge.LongerWins, ["1", "2", "3"], a, b);

        (result.Wins, result.Invalid, result.Replies).Should().Be((2, 1, 4));
        a.LastOptions!.Temperature.Should().Be(0);
        result.Pairs[1].Should().Match<ComparedPair>(pair => pair.A == "2 and more" && pair.B == null && pair.AFirst == null);
        result.Pairs[1].Fault.Should().Be("B gave no answer: TimeoutException: too slow");
    }

    [Fact]
    public void WinRate_ClientAgainstAnswers_IsASourceOfEachKind()
    {
        EchoClient a = new(prompt => prompt.ToUpperInvariant());
        WinRateResult result = s_preferences.WinRate(
            StubJudge.LongerWins, ["long question"], AnswerSource.From(a, new ChatOptions { Temperature = 0.5f }), AnswerSource.From(["short"]));

        result.Wins.Should().Be(1);
        a.LastOptions!.Temperature.Should().Be(0.5f);
    }

    [Fact]
    public async Task WinRate_Cancelled_EndsAndIsNoInvalidReply()
    {
        (string[] prompts, string[] a, string[] b) = Answers(10);
        using CancellationTokenSource source = new();
        StubJudge judge = new((call, _, _) => call == 3 ? Cancel(source) : "A");

        Func<Task> run = () => s_preferences.WinRateAsync(judge, prompts, a, b, cancellationToken: source.Token);

        await run.Should().ThrowAsync<OperationCanceledException>();
        judge.Calls.Should().Be(3);
    }

    [Fact]
    public void WinRate_ClientThatCancelsByItself_IsInvalid()
    {
        StubJudge judge = new((_, _, _) => throw new TaskCanceledException("The request timed out."));
        s_preferences.WinRate(judge, ["1"], ["a"], ["b"]).Pairs[0].Fault.Should().Contain("timed out");
    }

    [Fact]
    public void WinRate_Concurrency_IsWhatIsAllowed()
    {
        (string[] prompts, string[] a, string[] b) = Answers(24);
        GatedJudge judge = new(StubJudge.AlwaysFirst, 3);
        int told = 0;
        WinRateOptions options = new() { MaxConcurrency = 3, Progress = new Counter(progress => Interlocked.Exchange(ref told, progress.Total)) };

        WinRateResult result = s_preferences.WinRate(judge, prompts, a, b, options);

        (result.Ties, judge.Most, told).Should().Be((24, 3, 48), "fewer than three at once would wait for the others in vain");
    }

    [Fact]
    public void WinRate_WhatCannotBe_IsRefused()
    {
        Action WinRate(string[] prompts, string[] a, string[] b, WinRateOptions? options = null) =>
            () => s_preferences.WinRate(StubJudge.AlwaysFirst, prompts, a, b, options);

        WinRate([], [], []).Should().Throw<ArgumentException>().WithMessage("The list of prompts is empty*");
        WinRate(["1", "2"], ["a", "b"], ["c"]).Should().Throw<ArgumentException>().WithMessage("There are 2 prompts and 1 answers*").WithParameterName("b");
        WinRate(["1"], [null!], ["c"]).Should().Throw<ArgumentException>().WithMessage("Answer 1 is null*");
        WinRate(["1"], ["a"], ["b"], new WinRateOptions { MaxConcurrency = 0, Criteria = " ", JudgeName = "x" }).Should().Throw<ArgumentException>()
            .WithMessage("WinRateOptions: Criteria is empty; MaxConcurrency is 0; it must be at least 1; JudgeName is 'x', and there is no CacheFile*");
    }

    private static string Cancel(CancellationTokenSource source)
    {
        source.Cancel();
        throw new HttpRequestException("aborted");
    }

    private static (string[] Prompts, string[] A, string[] B) Answers(int count) =>
        ([.. Enumerable.Range(0, count).Select(i => $"Question {i}?")], [.. Enumerable.Range(0, count).Select(i => $"a{i}")],
        [.. Enumerable.Range(0, count).Select(i => $"b{i}")]);

    private sealed class Counter(Action<WinRateProgress> report) : IProgress<WinRateProgress>
    {
        public void Report(WinRateProgress value) => report(value);
    }
}
