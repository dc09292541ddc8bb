namespace MiniMind.MLNet.Dpo.Training.Distributed.Mpi;

/// <summary>The two binary interfaces of MPI libraries.</summary>
internal enum MpiFamily
{
    /// <summary>Open MPI: handles are addresses of exported symbols.</summary>
    OpenMpi,

    /// <summary>MPICH, and those that share its binary interface, Intel MPI and Cray MPICH: handles are 32-bit constants.</summary>
    Mpich,
}
