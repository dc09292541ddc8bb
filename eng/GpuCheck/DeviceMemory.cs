using System.Runtime.InteropServices;
using System.Text;

namespace GpuCheck;

/// <summary>What the driver says of the current GPU.</summary>
internal static partial class DeviceMemory
{
    /// <summary>Bytes in use, those of other processes included.</summary>
    /// <exception cref="InvalidOperationException">The driver does not say.</exception>
    public static long Used()
    {
        (long free, long total) = Ask();
        return total - free;
    }

    /// <summary>Bytes that nobody uses.</summary>
    /// <exception cref="InvalidOperationException">The driver does not say.</exception>
    public static long Free() => Ask().Free;

    /// <summary>Bytes that it has.</summary>
    /// <exception cref="InvalidOperationException">The driver does not say.</exception>
    public static long Total() => Ask().Total;

    /// <summary>The card.</summary>
    public static unsafe string Name()
    {
        byte* name = stackalloc byte[256];
        return DeviceName(name, 256, 0) == 0 ? Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name)) : "a card without a name";
    }

    private static (long Free, long Total) Ask() =>
        MemoryInfo(out nuint free, out nuint total) is var code
            && code == 0 ? ((long)free, (long)total) : throw new InvalidOperationException($"cuMemGetInfo failed with code {code}.");

    [LibraryImport("libcuda.so.1", EntryPoint = "cuMemGetInfo_v2")]
    private static partial int MemoryInfo(out nuint free, out nuint total);

    [LibraryImport("libcuda.so.1", EntryPoint = "cuDeviceGetName")]
    private static unsafe partial int DeviceName(byte* name, int length, int device);
}
