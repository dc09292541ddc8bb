using System.Runtime.InteropServices;

namespace GpuCheck;

/// <summary>How much of the current GPU's memory is in use.</summary>
internal static partial class DeviceMemory
{
    /// <summary>Bytes in use, those of other processes included.</summary>
    /// <exception cref="InvalidOperationException">The driver does not say.</exception>
    public static long Used() =>
        MemoryInfo(out nuint free, out nuint total) is var code
            && code == 0 ? (long)(total - free) : throw new InvalidOperationException($"cuMemGetInfo failed with code {code}.");

    [LibraryImport("libcuda.so.1", EntryPoint = "cuMemGetInfo_v2")]
    private static partial int MemoryInfo(out nuint free, out nuint total);
}
