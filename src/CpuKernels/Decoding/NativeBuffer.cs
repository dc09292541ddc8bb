using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>Memory outside of the garbage collector's, zero at first, aligned to a cache line; what nobody disposes goes with the object.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private const int Alignment = 64;
    private static long s_bytes;
    private void* _memory;

    /// <summary>Allocates.</summary>
    public NativeBuffer(nuint bytes)
    {
        Bytes = bytes;
        _memory = NativeMemory.AlignedAlloc(nuint.Max(bytes, 1), Alignment);
        NativeMemory.Clear(_memory, bytes);
        Interlocked.Add(ref s_bytes, (long)bytes);
        GC.AddMemoryPressure(Math.Max(1, (long)bytes));
    }

    ~NativeBuffer() => Free();

    /// <summary>Bytes of all that the process has.</summary>
    public static long TotalBytes => Interlocked.Read(ref s_bytes);

    /// <summary>How large it is.</summary>
    public nuint Bytes { get; }

    /// <summary>The first byte.</summary>
    /// <exception cref="ObjectDisposedException">It is freed.</exception>
    public void* Memory => _memory is null ? throw new ObjectDisposedException(nameof(NativeBuffer)) : _memory;

    /// <inheritdoc />
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_memory is null)
            return;
        NativeMemory.AlignedFree(_memory);
        _memory = null;
        Interlocked.Add(ref s_bytes, -(long)Bytes);
        GC.RemoveMemoryPressure(Math.Max(1, (long)Bytes));
    }
}
