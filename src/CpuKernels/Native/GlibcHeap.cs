using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>The heap of a process whose C library is glibc: what becomes of freed blocks while runs want something of it, and what it goes back to.</summary>
/// <remarks>Several runs may want something at once: the way that takes least memory rules, and the last to end puts the usual thresholds back.</remarks>
internal sealed class GlibcHeap
{
    /// <summary><c>M_TRIM_THRESHOLD</c> and <c>M_MMAP_THRESHOLD</c> of malloc.h.</summary>
    public const int TrimThreshold = -1, MapThreshold = -3;

    private const int LargeBlock = 1 << 20;
    private readonly Func<int, int, int> _set;
    private readonly Func<nuint, int> _trim;
    private readonly HeapThresholds _usual;
    private readonly ProcessSetting<HeapMode> _mode;

    /// <summary>Takes glibc's functions.</summary>
    /// <param name="set"><c>mallopt</c>.</param>
    /// <param name="trim"><c>malloc_trim</c>.</param>
    /// <param name="usual">What glibc has when nobody wants anything.</param>
    public GlibcHeap(Func<int, int, int> set, Func<nuint, int> trim, HeapThresholds usual)
    {
        (_set, _trim, _usual) = (set, trim, usual);
        _mode = new ProcessSetting<HeapMode>(() => HeapMode.Usual, Apply, wanted => wanted.Max());
    }

    /// <summary>This process's; <see langword="null"/> where it has another C library, such as musl or Windows's.</summary>
    public static GlibcHeap? Process { get; } = Find();

    /// <summary>The mode that was set last.</summary>
    public HeapMode Mode { get; private set; }

    /// <summary>Wants a mode until the result is disposed.</summary>
    public IDisposable Want(HeapMode mode) => _mode.Want(mode);

    /// <summary>Gives free memory back to the system.</summary>
    public void Trim() => _ = _trim(0);

    /// <summary>The same, unless another run keeps it.</summary>
    public void TrimUnlessKept()
    {
        if (!_mode.IsHeld)
            Trim();
    }

    private void Apply(HeapMode mode)
    {
        Mode = mode;
        _set(MapThreshold, mode switch
        {
            HeapMode.KeepBlocks => HeapThresholds.LargestKept,
            HeapMode.ReturnBlocks => LargeBlock,
            _ => _usual.Map,
        });
        // blocks that are given back at once leave little to trim
        _set(TrimThreshold, mode switch
        {
            HeapMode.KeepBlocks => int.MaxValue,
            HeapMode.ReturnBlocks => HeapThresholds.LargestTop,
            _ => _usual.Trim,
        });
    }

    private static GlibcHeap? Find() =>
        OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libc.so.6", out nint library) && NativeLibrary.TryGetExport(library, "mallopt", out _)
            && NativeLibrary.TryGetExport(library, "malloc_trim", out _)
            ? new GlibcHeap(mallopt, malloc_trim, HeapThresholds.Of(Environment.GetEnvironmentVariable)) : null;

    [DllImport("libc", EntryPoint = "malloc_trim")]
    private static extern int malloc_trim(nuint padding);

    [DllImport("libc", EntryPoint = "mallopt")]
    private static extern int mallopt(int parameter, int value);
}
