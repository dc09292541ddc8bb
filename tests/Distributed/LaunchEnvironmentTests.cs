using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Distributed.Mpi;

namespace MiniMind.MLNet.Dpo.Distributed.Tests;

public sealed class LaunchEnvironmentTests
{
    [Fact]
    public void Read_NoLauncher_KnowsNothing() => Read([]).Should().Be(new LaunchEnvironment(null, null, null, null));

    [Fact]
    public void Read_OpenMpiInsideSlurm_IsOpenMpi() =>
        Read(["OMPI_COMM_WORLD_SIZE=4", "OMPI_COMM_WORLD_LOCAL_RANK=1", "OMPI_COMM_WORLD_LOCAL_SIZE=2", "PMIX_RANK=3", "SLURM_STEP_ID=0", "SLURM_PROCID=0",
            "SLURM_STEP_NUM_TASKS=2"])
            .Should().Match<LaunchEnvironment>(launch => launch.Family == MpiFamily.OpenMpi && launch.Size == 4 && launch.LocalRank == 1
                && launch.LocalSize == 2);

    [Fact]
    public void Read_Hydra_IsMpich() =>
        Read(["PMI_SIZE=3", "PMI_RANK=2", "MPI_LOCALRANKID=2", "MPI_LOCALNRANKS=3"])
            .Should().Match<LaunchEnvironment>(launch => launch.Family == MpiFamily.Mpich && launch.Size == 3 && launch.LocalRank == 2
                && launch.LocalSize == 3);

    [Fact]
    public void Read_SrunWithPmi2_IsMpichWithSlurmsLocalRank() =>
        Read(["PMI_SIZE=8", "PMI_RANK=5", "SLURM_STEP_ID=0", "SLURM_PROCID=5", "SLURM_LOCALID=1", "SLURM_STEP_TASKS_PER_NODE=4(x2)"])
            .Should().Match<LaunchEnvironment>(launch => launch.Family == MpiFamily.Mpich && launch.Size == 8 && launch.LocalRank == 1
                && launch.LocalSize == 4);

    [Fact]
    public void Read_SrunWithPmix_IsOpenMpi() =>
        Read(["PMIX_RANK=5", "SLURM_STEP_ID=0", "SLURM_PROCID=5", "SLURM_LOCALID=1", "SLURM_STEP_NUM_TASKS=16", "SLURM_STEP_TASKS_PER_NODE=6,5(x2)"])
            .Should().Match<LaunchEnvironment>(launch => launch.Family == MpiFamily.OpenMpi && launch.Size == 16 && launch.LocalRank == 1
                && launch.LocalSize == 6);

    [Fact]
    public void Read_BatchScriptWithoutStep_IsNoLauncher() => Read(["SLURM_PROCID=0", "SLURM_NTASKS=4"]).Launcher.Should().BeNull();

    private static LaunchEnvironment Read(string[] variables) =>
        LaunchEnvironment.Read(name => variables.FirstOrDefault(variable => variable.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..]);
}
