using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>Asks Linux for 2 MiB pages under large buffers: a pass over memory at full speed spends a tenth of its time on the lookup of 4 KiB pages.</summary>
internal static partial class LargePages
{
    private const nuint PageSize = 2 << 20;
    private const int AdviseHugePages = 14; // MADV_HUGEPAGE

    /// <summary>Advises the kernel before the memory is first touched; does nothing on other systems.</summary>
    /// <param name="start">The start of the memory.</param>
    /// <param name="length">Its length in bytes.</param>
    public static unsafe void Advise(void* start, long length)
    {
        nuint first = ((nuint)start + PageSize - 1) / PageSize * PageSize;
        nuint end = ((nuint)start + (nuint)length) / PageSize * PageSize;
        if (OperatingSystem.IsLinux() && end > first)
            _ = MemoryAdvise(first, end - first, AdviseHugePages); // a kernel that refuses leaves the pages as they were
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MemoryAdvise(nuint address, nuint length, int advice);
}
