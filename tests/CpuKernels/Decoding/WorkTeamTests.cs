using MiniMind.MLNet.Dpo.CpuKernels.Decoding;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Decoding;

public sealed class WorkTeamTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Run_ManyRounds_DoesEachPartOnce(int threads)
    {
        Counts work = new(37);
        for (int round = 1; round <= 3000; round++)
        {
            int parts = 1 + round % 37;
            work.Expect(parts);

            WorkTeam.Run(work, parts, threads);

            work.Missed.Should().Be(0, "in round {0} of {1} parts", round, parts);
        }
    }

    [Fact]
    public void Run_AfterThreadsHaveGoneToSleep_StillDoesAll()
    {
        Counts work = new(8);
        for (int round = 0; round < 20; round++)
        {
            work.Expect(8);
            Thread.Sleep(3);

            WorkTeam.Run(work, 8, 3);

            work.Missed.Should().Be(0);
        }
    }

    [Fact]
    public void Run_FromSeveralCallersAtOnce_DoesTheWorkOfEach()
    {
        Counts[] works = [.. Enumerable.Range(0, 4).Select(_ => new Counts(9))];

        Parallel.ForEach(works, work =>
        {
            for (int round = 0; round < 500; round++)
            {
                work.Expect(9);
                WorkTeam.Run(work, 9, 3);
                work.Missed.Should().Be(0);
            }
        });
    }

    [Fact]
    public void Run_PartThatFails_ThrowsWhenAllHaveEnded()
    {
        Counts work = new(6) { Fails = 3 };
        work.Expect(6);

        FluentActions.Invoking(() => WorkTeam.Run(work, 6, 2)).Should().Throw<InvalidOperationException>().WithInnerException<ArithmeticException>();

        work.Missed.Should().Be(1);
        work.Fails = -1;
        work.Expect(6);
        WorkTeam.Run(work, 6, 2);
        work.Missed.Should().Be(0, "the team goes on");
    }

    [Fact]
    public void Run_WhereOthersMayHelp_TheyDo()
    {
        SlowParts work = new();

        for (int round = 0; round < 50 && work.Threads.Count < 2; round++)
            WorkTeam.Run(work, 8, 2);

        work.Threads.Count.Should().Be(2, "parts of a millisecond are worth a thread's waking");
    }

    private sealed class Counts(int most) : TeamWork
    {
        private readonly int[] _done = new int[most];
        private int _parts;

        public int Fails { get; set; } = -1;

        public int Missed => _done.Take(_parts).Count(count => count != 1) + _done.Skip(_parts).Sum();

        public void Expect(int parts)
        {
            Array.Clear(_done);
            _parts = parts;
        }

        public override void Do(int part)
        {
            if (part == Fails)
                throw new ArithmeticException();
            Interlocked.Increment(ref _done[part]);
        }
    }

    private sealed class SlowParts : TeamWork
    {
        public System.Collections.Concurrent.ConcurrentDictionary<int, bool> Threads { get; } = [];

        public override void Do(int part)
        {
            Threads[Environment.CurrentManagedThreadId] = true;
            Thread.Sleep(1);
        }
    }
}
