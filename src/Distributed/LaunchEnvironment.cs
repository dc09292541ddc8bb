using System.Globalization;
using MiniMind.MLNet.Dpo.Training.Distributed.Mpi;

namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>What the launcher (mpirun, mpiexec, srun) tells a process through its environment.</summary>
/// <param name="Launcher">The launcher's name for messages, or null where the process was started by none.</param>
/// <param name="Family">The message library that this launcher belongs to, where it tells.</param>
/// <param name="Size">How many processes it says it started.</param>
/// <param name="LocalRank">The number of this process on its machine.</param>
internal sealed record LaunchEnvironment(string? Launcher, MpiFamily? Family, int? Size, int? LocalRank)
{
    /// <summary>How many processes of the run are on its machine.</summary>
    public int? LocalSize { get; init; }

    public static LaunchEnvironment Current { get; } = Read(Environment.GetEnvironmentVariable);

    /// <summary>Reads the variables, the most specific launcher first: mpirun inside a SLURM allocation sees SLURM's too.</summary>
    public static LaunchEnvironment Read(Func<string, string?> variable)
    {
        int? Number(string name) =>
            int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : null;

        if (Number("OMPI_COMM_WORLD_SIZE") is { } openMpiSize)
        {
            return new("mpirun of Open MPI (OMPI_COMM_WORLD_SIZE)", MpiFamily.OpenMpi, openMpiSize, Number("OMPI_COMM_WORLD_LOCAL_RANK"))
            { LocalSize = Number("OMPI_COMM_WORLD_LOCAL_SIZE") };
        }

        bool slurm = variable("SLURM_STEP_ID") is not null && Number("SLURM_PROCID") is not null;
        int? slurmLocal = slurm ? Number("SLURM_LOCALID") : null, slurmLocalSize = slurm ? FirstCount(variable("SLURM_STEP_TASKS_PER_NODE")) : null;
        if (Number("PMI_SIZE") is { } pmiSize)
        {
            return new("mpirun or srun of the MPICH family (PMI_SIZE)", MpiFamily.Mpich, pmiSize,
                Number("MPI_LOCALRANKID") ?? Number("PMI_LOCAL_RANK") ?? slurmLocal)
            { LocalSize = Number("MPI_LOCALNRANKS") ?? Number("PMI_LOCAL_SIZE") ?? slurmLocalSize };
        }

        if (slurm && Number("SLURM_STEP_NUM_TASKS") is { } tasks)
        {
            return new("srun (SLURM_STEP_NUM_TASKS)", variable("PMIX_RANK") is null ? null : MpiFamily.OpenMpi, tasks,
                slurmLocal)
            { LocalSize = slurmLocalSize };
        }

        if (variable("PMIX_RANK") is not null)
            return new("a PMIx launcher (PMIX_RANK)", MpiFamily.OpenMpi, null, null);
        return new(null, null, null, null);
    }

    // SLURM writes 4(x2),3 for nodes with 4, 4 and 3 tasks
    private static int? FirstCount(string? counts) =>
        counts is not null && int.TryParse(counts.Split('(', ',')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first) ? first : null;
}
