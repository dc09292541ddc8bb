using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>
/// An empty shared library that answers to a name, so that the runtime's search for that name ends with it and loads no file beside the app. Linux on x64.
/// </summary>
/// <remarks>
/// .NET asks the loader for <c>NAME.so</c>, without a folder, before it looks for <c>libNAME.so</c> in the app's folders, and the loader gives the library in
/// the process whose DT_SONAME is that. Layout: System V ABI, an ELF header, a program header for each of the file's one segment, the dynamic section and the
/// stack's rights.
/// </remarks>
internal static class StandInLibrary
{
    private const int Header = 64, ProgramHeader = 56, Segments = 3, Dynamic = Header + Segments * ProgramHeader, DynamicEntries = 7,
        Hash = Dynamic + DynamicEntries * 16, Symbols = Hash + 16, Names = Symbols + 24;
    private const uint Load = 1, DynamicSegment = 2, GnuStack = 0x6474e551, ReadWrite = 6;

    /// <summary>Puts one into the process.</summary>
    /// <param name="name">The name that it answers to, such as <c>torch_cpu.so</c>.</param>
    public static void Register(string name)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, Bytes(name));
            NativeLibrary.Load(path);
        }
        finally
        {
            File.Delete(path); // the process keeps what it has mapped
        }
    }

    private static byte[] Bytes(string name)
    {
        byte[] names = [0, .. Encoding.ASCII.GetBytes(name), 0];
        byte[] file = new byte[Names + names.Length];
        ((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1]).CopyTo(file); // 64 bits, little-endian, version 1
        U16(file, 16, 3); // a shared object
        U16(file, 18, 62); // x86-64
        U32(file, 20, 1);
        U64(file, 32, Header);
        U16(file, 52, Header);
        U16(file, 54, ProgramHeader);
        U16(file, 56, Segments);
        Segment(file, 0, Load, 0, file.Length, alignment: 4096);
        Segment(file, 1, DynamicSegment, Dynamic, DynamicEntries * 16, alignment: 8);
        Segment(file, 2, GnuStack, 0, 0, alignment: 16);
        // DT_SONAME, DT_HASH, DT_STRTAB, DT_SYMTAB, DT_STRSZ, DT_SYMENT, DT_NULL
        (long Tag, long Value)[] entries = [(14, 1), (4, Hash), (5, Names), (6, Symbols), (10, names.Length), (11, 24), (0, 0)];
        for (int i = 0; i < entries.Length; i++)
        {
            U64(file, Dynamic + i * 16, entries[i].Tag);
            U64(file, Dynamic + i * 16 + 8, entries[i].Value);
        }
        U32(file, Hash, 1); // one bucket and one symbol, the null symbol
        U32(file, Hash + 4, 1);
        names.CopyTo(file, Names);
        return file;
    }

    private static void Segment(byte[] file, int index, uint type, long offset, long size, long alignment)
    {
        int at = Header + index * ProgramHeader;
        U32(file, at, type);
        U32(file, at + 4, ReadWrite);
        foreach (int field in new[] { 8, 16, 24 })
            U64(file, at + field, offset); // in the file, in memory, physical
        foreach (int field in new[] { 32, 40 })
            U64(file, at + field, size);
        U64(file, at + 48, alignment);
    }

    private static void U16(byte[] file, int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), value);

    private static void U32(byte[] file, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), value);

    private static void U64(byte[] file, int at, long value) => BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(at), value);
}
