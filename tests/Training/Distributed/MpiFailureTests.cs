namespace MiniMind.MLNet.Dpo.Tests.Training.Distributed;

/// <summary>Rank 1 of 3 fails under a real mpirun: all ranks end in time, with the error of the one that failed.</summary>
public abstract class MpiFailureTests(string flavour, string otherLibrary)
{
    // the deadline of the tests that wait for it; the others must end long before theirs
    private const double Short = 3;
    private const double Long = 40;

    // the processes' start and end on a busy machine
    private const double Slack = 15;

    [SkippableTheory]
    [InlineData("throws", Long, "rank 1: System.IO.InvalidDataException: dpo.jsonl:41: 'rejected' ends with role 'user'")]
    [InlineData("null", Long, "rank 1: System.NullReferenceException: ")]
    [InlineData("thread", Long, "rank 1: System.IO.InvalidDataException: thrown by the thread that reads ahead")]
    [InlineData("exits", Long, "rank 1: The process exits with code 3 while the run goes on.")]
    [InlineData("hangs", Short, "rank 1: This rank hangs: it has reached no collective and reported no progress for")]
    public async Task Guard_OneRankFails_AllRanksEndWithItsError(string scenario, double timeout, string error)
    {
        MpiRun run = await MpiLauncher.Run(flavour, 3, scenario, timeout);

        run.ExitCode.Should().NotBe(0);
        run.Error.Should().Contain(error);
        (await run.Survivors()).Should().BeEmpty();
        run.Elapsed.TotalSeconds.Should().BeLessThan(Short + Slack);
    }

    [SkippableFact]
    public async Task Guard_OneRankIsKilled_AllRanksEnd()
    {
        MpiRun run = await MpiLauncher.Run(flavour, 3, "dies", Long);

        run.ExitCode.Should().NotBe(0);
        (run.Output + run.Error).Should().Contain("signal 9", "the launcher says so; the rank itself cannot");
        (await run.Survivors()).Should().BeEmpty();
        run.Elapsed.TotalSeconds.Should().BeLessThan(Slack);
    }

    [SkippableFact]
    public async Task Guard_LauncherIsKilled_AllRanksEnd()
    {
        MpiRun run = await MpiLauncher.Run(flavour, 3, "orphaned", Long);

        run.ExitCode.Should().NotBe(0);
        (await run.Survivors()).Should().BeEmpty();
        run.Elapsed.TotalSeconds.Should().BeLessThan(Slack);
    }

    [SkippableFact]
    public async Task Guard_OneRankIsStopped_TheOthersEndTheRunAtTheirDeadline()
    {
        MpiRun run = await MpiLauncher.Run(flavour, 3, "freezes", Short);

        run.ExitCode.Should().NotBe(0);
        run.Error.Should()
            .MatchRegex(
            "rank [02]: collective 5 \\(all-reduce of 1 doubles\\) did not complete within 3 s: another rank has ended, hangs, or called another collective.");
        (await run.Survivors()).Should().BeEmpty("a stopped process is killed too");
        run.Elapsed.TotalSeconds.Should().BeLessThan(Short + Slack);
    }

    [SkippableFact]
    public async Task Constructor_LibraryOfAnotherLauncher_SaysWhatDoesNotBelongTogether()
    {
        MpiRun run = await MpiLauncher.Run(flavour, 2, "throws", Long, otherLibrary);
        Skip.If(run.Error.Contains("could not be loaded", StringComparison.Ordinal), $"needs {otherLibrary} too");

        run.ExitCode.Should().NotBe(0);
        run.Error.Should().Contain("started 2 processes, but " + otherLibrary).And.Contain("sees 1: they do not belong together");
    }
}
