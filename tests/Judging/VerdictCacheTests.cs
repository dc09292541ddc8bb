using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Tests.Judging;

public sealed class VerdictCacheTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("verdicts").FullName;

    private string CacheFile => Path.Combine(_folder, "replies.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void WinRate_SecondTime_AsksOnlyWhatFailed()
    {
        StubJudge first = new((call, _, _) => call == 2 ? "hm" : "A", "m"), second = new((_, _, _) => "B", "m");

        WinRateResult before = Compare(first), after = Compare(second);

        (before.InvalidReplies, before.CachedReplies, before.Invalid).Should().Be((1, 0, 1));
        (second.Calls, after.CachedReplies, after.InvalidReplies).Should().Be((1, 5, 0));
        after.Pairs[1].AFirst!.Preferred.Should().Be(ShownAnswer.Second);
    }

    [Theory]
    [InlineData("other model")]
    [InlineData("other criteria")]
    [InlineData("other form")]
    [InlineData("other answer")]
    [InlineData("other prompt")]
    public void WinRate_AnythingElse_IsAskedAnew(string what)
    {
        Compare(new StubJudge((_, _, _) => "A", "m"));
        StubJudge judge = new((_, _, _) => "A", what == "other model" ? "n" : "m");
        WinRateOptions options = new()
        {
            CacheFile = CacheFile, Criteria = what == "other criteria" ? "Take the polite one." : WinRateOptions.DefaultCriteria,
            ReplyForm = what == "other form" ? JudgeReplyForm.JsonSchema : JudgeReplyForm.Letter,
        };

        new MLContext().Preferences.WinRate(
            judge, [what == "other prompt" ? "q" : "p0"], [what == "other answer" ? "x" : "a0"], ["b0"], options);

        judge.Calls.Should().Be(2);
    }

    [Fact]
    public void WinRate_TornLine_IsWrittenAnew()
    {
        Compare(new StubJudge((_, _, _) => "A", "m"));
        byte[] whole = File.ReadAllBytes(CacheFile);
        File.WriteAllBytes(CacheFile, whole[..^10]);
        StubJudge judge = new((_, _, _) => "A", "m");

        Compare(judge);

        judge.Calls.Should().Be(1);
        File.ReadAllBytes(CacheFile).Should().Equal(whole);
    }

    [Theory]
    [InlineData("{\"key\":\"abc\",\"letter\":\"A\"}")]
    [InlineData("not JSON")]
    [InlineData("")]
    public void WinRate_FileOfSomethingElse_IsRefusedAndLeftAsItIs(string line)
    {
        Compare(new StubJudge((_, _, _) => "A", "m"));
        File.AppendAllText(CacheFile, line + "\n");
        string before = File.ReadAllText(CacheFile);

        Action compare = () => Compare(StubJudge.AlwaysFirst, "m");

        compare.Should().Throw<InvalidDataException>().WithMessage($"{CacheFile}:7: it is no line of a file of replies*");
        File.ReadAllText(CacheFile).Should().Be(before);
    }

    [Fact]
    public void WinRate_JudgeWithoutName_IsRefused()
    {
        Action compare = () => Compare(StubJudge.AlwaysFirst);
        compare.Should().Throw<ArgumentException>().WithMessage("*JudgeName*");
        File.Exists(CacheFile).Should().BeFalse();
        compare = () => Compare(StubJudge.AlwaysFirst, "a judge");
        compare.Should().NotThrow();
    }

    [Fact]
    public void Judge_FileThatAnotherHas_IsRefused()
    {
        using PairwiseJudge one = new(StubJudge.AlwaysFirst, new WinRateOptions { CacheFile = CacheFile, JudgeName = "x" });
        Action another = () => Compare(StubJudge.AlwaysFirst, "x");
        another.Should().Throw<IOException>();
    }

    private WinRateResult Compare(StubJudge judge, string? name = null) => new MLContext().Preferences.WinRate(
        judge, ["p0", "p1", "p2"], ["a0", "a1", "a2"], ["b0", "b1", "b2"], new WinRateOptions { CacheFile = CacheFile, JudgeName = name });
}
