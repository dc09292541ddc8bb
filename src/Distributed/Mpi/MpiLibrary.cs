using System.Runtime.InteropServices;
using System.Text;

namespace MiniMind.MLNet.Dpo.Training.Distributed.Mpi;

/// <summary>A loaded MPI library.</summary>
/// <param name="Name">The name or path it was loaded by.</param>
/// <param name="Handle">The handle of dlopen.</param>
/// <param name="Family">Its binary interface, told by its symbols.</param>
internal sealed record MpiLibrary(string Name, nint Handle, MpiFamily Family)
{
    /// <summary>The environment variable that names the library.</summary>
    public const string Variable = "MINIMIND_MPI_LIBRARY";

    private const string Advice =
        "Install one: `apt-get install openmpi-bin` (Open MPI) or `apt-get install mpich` (MPICH), and start with the mpirun that came with it; " +
        $"or name the library's file with {Variable} or MpiOptions.Library.";

    /// <summary>The names to try, the launcher's family first.</summary>
    /// <remarks>
    /// libmpi.so.40 is Open MPI 3 to 5. libmpi.so.12 is MPICH, Intel MPI and Cray's compatible library; Debian names MPICH's libmpich.so.12.
    /// Open MPI 1.10 was libmpi.so.12 too, which is why the family is told by the symbols and not by the name.
    /// </remarks>
    public static IReadOnlyList<string> Candidates(MpiFamily? launcher)
    {
        string[] openMpi = ["libmpi.so.40"];
        string[] mpich = ["libmpich.so.12", "libmpi.so.12"];
        return launcher == MpiFamily.Mpich ? [.. mpich, .. openMpi, "libmpi.so"] : [.. openMpi, .. mpich, "libmpi.so"];
    }

    /// <summary>Loads the library that was asked for, or the first one that can be.</summary>
    /// <exception cref="DllNotFoundException">None can be loaded; the message says what was tried and what to install.</exception>
    public static MpiLibrary Load(string? chosen, MpiFamily? launcher)
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException($"MPI is supported on Linux; this is {RuntimeInformation.OSDescription}.");
        StringBuilder tried = new();
        foreach (string name in chosen is null ? Candidates(launcher) : [chosen])
        {
            nint handle = SystemLibrary.LoadGlobally(name, out string error);
            if (handle == 0)
                tried.Append("\n  ").Append(error);
            else if (!NativeLibrary.TryGetExport(handle, "MPI_Init_thread", out _))
                tried.Append("\n  ").Append(name).Append(": loaded, but is no MPI library (it has no MPI_Init_thread)");
            else
                return new MpiLibrary(name, handle, NativeLibrary.TryGetExport(handle, MpiHandles.OpenMpiMark, out _) ? MpiFamily.OpenMpi : MpiFamily.Mpich);
        }
        throw new DllNotFoundException(chosen is null
            ? $"No MPI library could be loaded. {Advice} Tried:{tried}"
            : $"The MPI library '{chosen}' ({Variable} or MpiOptions.Library) could not be loaded. {Advice} The loader says:{tried}");
    }
}
