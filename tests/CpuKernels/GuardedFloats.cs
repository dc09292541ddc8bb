using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests;

/// <summary>
/// Native floats that end where an unreadable page begins, so that a read past the end ends the process; a multiple of 16 of them starts at a multiple of 64
/// bytes.
/// </summary>
/// <remarks>The page is Linux's; elsewhere there is none, and only values are checked.</remarks>
internal sealed unsafe class GuardedFloats : IDisposable
{
    private const int Page = 1 << 16; // the largest page of common systems
    private const int ReadWrite = 3, PrivateAnonymous = 0x22; // PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS
    private readonly void* _memory;
    private readonly nuint _bytes;
    private readonly int _count;

    /// <summary>Allocates.</summary>
    /// <param name="count">How many floats.</param>
    /// <param name="value">What all of them hold.</param>
    public GuardedFloats(long count, float value)
    {
        nuint used = ((nuint)count * sizeof(float) + Page - 1) / Page * Page;
        _bytes = used + Page;
        _memory = OperatingSystem.IsLinux() ? Map(null, _bytes, ReadWrite, PrivateAnonymous, -1, 0) : NativeMemory.AlignedAlloc(_bytes, Page);
        if (OperatingSystem.IsLinux() && ((nint)_memory == -1 || Protect((byte*)_memory + used, Page, 0) != 0))
            throw new InvalidOperationException($"The system gives no guarded memory (error {Marshal.GetLastSystemError()}).");
        Pointer = (float*)((byte*)_memory + used) - count;
        _count = checked((int)count);
        Values.Fill(value);
    }

    /// <summary>The first one.</summary>
    public float* Pointer { get; }

    /// <summary>All of them.</summary>
    public Span<float> Values => new(Pointer, _count);

    public void Dispose()
    {
        if (OperatingSystem.IsLinux())
            _ = Unmap(_memory, _bytes);
        else
            NativeMemory.AlignedFree(_memory);
    }

    [DllImport("libc", EntryPoint = "mmap")]
    private static extern void* Map(void* at, nuint length, int protection, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "mprotect")]
    private static extern int Protect(void* at, nuint length, int protection);

    [DllImport("libc", EntryPoint = "munmap")]
    private static extern int Unmap(void* at, nuint length);
}
