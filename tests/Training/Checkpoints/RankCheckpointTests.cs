using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training.Distributed;

namespace MiniMind.MLNet.Dpo.Tests.Training.Checkpoints;

/// <summary>Several processes that train together: rank 0 writes, all read.</summary>
public sealed class RankCheckpointTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_OfTwoRanksStoppedAndResumed_EndsAsTheUninterruptedOne()
    {
        (byte[] Weights, string History, int Warnings) Train(string folder, ICommunicator ranks, long? stop)
        {
            using RunBed bed = new(folder, communicator: ranks);
            bed.Resume().Train(observers: stop is { } step ? [new RunBed.StopAfter(step, "cancelled")] : []);
            return (bed.Weights, string.Join('\n', bed.History), bed.Warnings.Count);
        }
        (byte[] Weights, string History, int Warnings)[] whole = SharedMemory.Run(2, ranks => Train(_folder.File("whole"), ranks, null));

        (byte[] Weights, string History, int Warnings)[] stopped = SharedMemory.Run(2, ranks => Train(_folder.File("stopped"), ranks, 6));
        (byte[] Weights, string History, int Warnings)[] resumed = SharedMemory.Run(2, ranks => Train(_folder.File("stopped"), ranks, null));

        stopped[0].Weights.Should().NotEqual(whole[0].Weights);
        for (int rank = 0; rank < 2; rank++)
        {
            resumed[rank].Weights.Should().Equal(whole[rank].Weights);
            resumed[rank].History.Should().Be(whole[rank].History, "each rank goes on with what it had added up itself");
            resumed[rank].Warnings.Should().Be(0, "one rank locks the folder and writes");
        }
    }

    [Fact]
    public void Resume_RanksThatSeeOtherFolders_IsRefused()
    {
        using (RunBed bed = new(_folder.File("seen")))
            bed.Train(observers: new RunBed.StopAfter(5));

        FluentActions.Invoking(() => SharedMemory.Run(2, ranks =>
        {
            using RunBed bed = new(_folder.File(ranks.Rank == 0 ? "seen" : "unseen"), communicator: ranks);
            return bed.Resume();
        })).Should().Throw<AggregateException>().WithInnerException<InvalidOperationException>()
            .WithMessage("*different checkpoints*from step 0 to step 5*on a disk that they share*");
    }
}
