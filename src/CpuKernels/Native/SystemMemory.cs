using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>Memory of Linux's own, in pages.</summary>
internal static partial class SystemMemory
{
    private const int Read = 1, Write = 2, Execute = 4, Private = 2, Anonymous = 0x20;

    /// <summary>Maps zeros; 0 where there is no memory.</summary>
    public static nint Map(nuint bytes)
    {
        nint address = MapMemory(0, bytes, Read | Write, Private | Anonymous, -1, 0);
        return address == -1 ? 0 : address;
    }

    /// <summary>Gives memory back.</summary>
    public static void Unmap(nint address, nuint bytes) => _ = UnmapMemory(address, bytes);

    /// <summary>Puts machine code into memory of its own, for as long as the process lives; 0 where the system refuses.</summary>
    public static nint MapCode(ReadOnlySpan<byte> code)
    {
        nint address = Map((nuint)code.Length);
        if (address == 0)
            return 0;
        unsafe
        {
            code.CopyTo(new Span<byte>((void*)address, code.Length));
        }
        if (ProtectMemory(address, (nuint)code.Length, Read | Execute) == 0)
            return address;
        Unmap(address, (nuint)code.Length);
        return 0;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint MapMemory(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int UnmapMemory(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int ProtectMemory(nint address, nuint length, int protection);
}
