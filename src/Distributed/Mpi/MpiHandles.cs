using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Training.Distributed.Mpi;

/// <summary>The predefined objects of an MPI library, as its functions take them.</summary>
/// <remarks>
/// MPICH's handles are C ints; passed as a native integer their lower half arrives, on every 64-bit Linux calling convention.
/// Open MPI's are the addresses of exported variables.
/// </remarks>
internal sealed record MpiHandles(
    nint World, nint Byte, nint Float, nint Double, nint Int64, nint Sum, nint Max, nint Min, nint ErrorsReturn, nint InPlace, int AnySource)
{
    /// <summary>The symbol that tells Open MPI from the others.</summary>
    public const string OpenMpiMark = "ompi_mpi_comm_world";

    /// <summary>The constants of MPICH's mpi.h, fixed by the MPICH ABI initiative since MPICH 3.1.</summary>
    public static MpiHandles Mpich { get; } = new(
        World: 0x44000000, Byte: 0x4c00010d, Float: 0x4c00040a, Double: 0x4c00080b, Int64: 0x4c000809,
        Sum: 0x58000003, Max: 0x58000001, Min: 0x58000002, ErrorsReturn: 0x54000001, InPlace: -1, AnySource: -2);

    /// <summary>The symbols of Open MPI's mpi.h, looked up in the loaded library.</summary>
    public static MpiHandles OpenMpi(nint library)
    {
        nint Symbol(string name) => NativeLibrary.GetExport(library, name);
        return new(
            World: Symbol(OpenMpiMark), Byte: Symbol("ompi_mpi_byte"), Float: Symbol("ompi_mpi_float"),
            Double: Symbol("ompi_mpi_double"), Int64: Symbol("ompi_mpi_long_long_int"),
            Sum: Symbol("ompi_mpi_op_sum"), Max: Symbol("ompi_mpi_op_max"), Min: Symbol("ompi_mpi_op_min"),
            ErrorsReturn: Symbol("ompi_mpi_errors_return"), InPlace: 1, AnySource: -1);
    }

    /// <summary>The handle of an operation.</summary>
    public nint Of(ReduceOperation operation) => operation switch
    {
        ReduceOperation.Sum => Sum,
        ReduceOperation.Max => Max,
        ReduceOperation.Min => Min,
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "The operation can be Sum, Max or Min."),
    };
}
