using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Distributed.Mpi;

namespace MiniMind.MLNet.Dpo.Distributed.Tests;

public sealed class MpiLibraryTests
{
    [Fact]
    public void Candidates_StartedByMpich_TriesMpichFirst()
    {
        MpiLibrary.Candidates(MpiFamily.Mpich).Should().StartWith(["libmpich.so.12", "libmpi.so.12"]);
        MpiLibrary.Candidates(MpiFamily.OpenMpi).Should().StartWith("libmpi.so.40");
        MpiLibrary.Candidates(null).Should().BeEquivalentTo(MpiLibrary.Candidates(MpiFamily.Mpich));
    }

    [SkippableFact]
    public void Load_NoSuchFile_SaysWhatToInstall()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "MPI is supported on Linux");

        Action load = () => MpiLibrary.Load("libnothing.so.7", MpiFamily.OpenMpi);

        load.Should().Throw<DllNotFoundException>().WithMessage(
            "*'libnothing.so.7'*MINIMIND_MPI_LIBRARY*apt-get install openmpi-bin*libnothing.so.7: cannot open shared object file*");
    }

    [SkippableFact]
    public void Load_SomeOtherLibrary_SaysThatItIsNoMpi()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "MPI is supported on Linux");

        Action load = () => MpiLibrary.Load("libpthread.so.0", launcher: null);

        load.Should().Throw<DllNotFoundException>().WithMessage("*libpthread.so.0: loaded, but is no MPI library (it has no MPI_Init_thread)*");
    }

    [Fact]
    public void Chunks_CountAboveTheLimit_CoverItWithoutGapOrOverlap()
    {
        List<(long Offset, int Length)> parts = new();
        long count = (2L * int.MaxValue) + 5;

        MpiCommunicator.Chunks(count, int.MaxValue, (offset, length) =>
        {
            parts.Add((offset, length));
            return null!;
        });

        parts.Should().Equal((0, int.MaxValue), (int.MaxValue, int.MaxValue), (2L * int.MaxValue, 5));
    }

    [Fact]
    public void Validate_TimeoutOfZero_IsRefused()
    {
        Action validate = () => new MpiOptions { Timeout = TimeSpan.Zero }.Validate();

        validate.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*must be positive*");
    }
}
