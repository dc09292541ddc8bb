namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>Finds out how this process was started.</summary>
public static class ProcessGroup
{
    /// <summary>The number of this process among those on its machine, from 0; the GPU to take where each process has one.</summary>
    public static int LocalRank => LaunchEnvironment.Current.LocalRank ?? 0;

    /// <summary>How many processes of the run are on this machine, among which its cores are shared out; 1 where the launcher does not tell.</summary>
    public static int LocalSize => LaunchEnvironment.Current.LocalSize ?? 1;

    /// <summary>Joins the run of the launcher (mpirun, mpiexec, srun) that started this process; without one, a run of this process alone.</summary>
    /// <returns>The communicator; the caller disposes it.</returns>
    /// <exception cref="DllNotFoundException">A launcher started this process, but no MPI library can be loaded.</exception>
    /// <exception cref="CommunicationException">The MPI library does not belong to the launcher, or the other ranks did not come in time.</exception>
    public static ICommunicator Join(MpiOptions? options = null) =>
        LaunchEnvironment.Current.Launcher is null ? new SingleProcess() : new MpiCommunicator(options);
}
