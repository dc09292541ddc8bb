using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Distributed;

namespace MiniMind.MLNet.Dpo.Distributed.Tests;

public sealed class DistributedGuardTests
{
    [Fact]
    public void Run_WorkThrows_AbortsWithTheErrorAndRethrows()
    {
        using SharedMemoryCommunicator communicator = Rank0Of2(TimeSpan.FromSeconds(30));

        Action run = () => DistributedGuard.Run(communicator, () => throw new InvalidDataException("dpo.jsonl:41: bad"));

        run.Should().Throw<InvalidDataException>();
        communicator.Aborted!.Value.Code.Should().Be(1);
        communicator.Aborted.Value.Message.Should().StartWith("System.IO.InvalidDataException: dpo.jsonl:41: bad");
    }

    [Fact]
    public void Run_CollectiveFails_AbortsWithItsMessageOnly()
    {
        using SharedMemoryCommunicator communicator = Rank0Of2(TimeSpan.FromSeconds(30));

        Action run = () => DistributedGuard.Run(communicator, () => throw new CommunicationException("collective 5 did not complete"));

        run.Should().Throw<CommunicationException>();
        communicator.Aborted.Should().Be((1, "collective 5 did not complete"), "the stack of a wait says nothing");
    }

    [Fact]
    public void Run_NoProgressWithinTheTimeout_AbortsWithWhatWasLastDone()
    {
        using SharedMemoryCommunicator communicator = Rank0Of2(TimeSpan.FromSeconds(0.2));

        DistributedGuard.Run(communicator, () =>
        {
            communicator.Activity.Report("reading ahead");
            SpinWait.SpinUntil(() => communicator.Aborted is not null, TimeSpan.FromSeconds(20));
        });

        communicator.Aborted!.Value.Message.Should().StartWith("This rank hangs").And.EndWith("The last thing it did: reading ahead.");
    }

    [Fact]
    public void Run_LongPreparationBefore_DoesNotCount()
    {
        using SharedMemoryCommunicator communicator = Rank0Of2(TimeSpan.FromSeconds(1));
        Thread.Sleep(1100);

        DistributedGuard.Run(communicator, () => Thread.Sleep(200));

        communicator.Aborted.Should().BeNull();
    }

    [Fact]
    public void Run_OneProcess_LetsTheExceptionPass()
    {
        using SingleProcess communicator = new();

        Action run = () => DistributedGuard.Run(communicator, () => throw new InvalidDataException("bad"));

        run.Should().Throw<InvalidDataException>();
    }

    [Theory]
    [InlineData(false, 8.9, null)]
    [InlineData(
        false, 9.1,
        "This rank hangs: it has reached no collective and reported no progress for 9.1 s (the others wait 10 s for it). The last thing it did: step 7.")]
    [InlineData(true, 11.9, null)]
    [InlineData(true, 12.1, "This rank has waited 12.1 s (the limit is 10 s) in step 7: another rank has ended, hangs, or called another collective.")]
    public void Verdict_RankOutsideAndInsideACollective_BlamesTheRankOutsideFirst(bool inside, double seconds, string? verdict) =>
        HangWatch.Verdict(new ActivitySnapshot(inside, "step 7", TimeSpan.FromSeconds(seconds)), TimeSpan.FromSeconds(10)).Should().Be(verdict);

    [Fact]
    public void Format_SeveralLines_PrefixesEach() =>
        RankMessage.Format(3, "Error: bad\n   at Here()\n").Should().Be("rank 3: Error: bad\nrank 3:    at Here()\n");

    private static SharedMemoryCommunicator Rank0Of2(TimeSpan timeout) => new(new SharedMemory(2), 0) { Timeout = timeout };
}
