using System.Buffers.Binary;
using System.Text;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>Edits the symbol-version needs of a 64-bit little-endian ELF library held in memory.</summary>
/// <remarks>Layout: System V ABI, and the GNU symbol versioning section <c>.gnu.version_r</c> (SHT_GNU_verneed).</remarks>
internal static class ElfVersionNeeds
{
    private const uint SectionTypeVersionNeed = 0x6ffffffe;
    private const ushort FlagWeak = 0x2;

    /// <summary>Marks every need of the named version as weak, so that a library that lacks it still satisfies the loader.</summary>
    /// <returns>How many needs were marked.</returns>
    /// <exception cref="InvalidDataException">The bytes are not a 64-bit little-endian ELF file, or an offset leaves the file.</exception>
    public static int Weaken(byte[] elf, string version)
    {
        if (elf.Length < 64 || !elf.AsSpan(0, 6).SequenceEqual("\u007fELF\u0002\u0001"u8))
            throw new InvalidDataException("not a 64-bit little-endian ELF file");

        ReadOnlySpan<byte> name = Encoding.ASCII.GetBytes(version);
        long sections = (long)U64(elf, 40);
        int sectionSize = U16(elf, 58), sectionCount = U16(elf, 60), marked = 0;
        for (int i = 0; i < sectionCount; i++)
        {
            long header = sections + (long)i * sectionSize;
            if (U32(elf, header + 4) != SectionTypeVersionNeed)
                continue;
            long strings = (long)U64(elf, sections + (long)U32(elf, header + 40) * sectionSize + 24);
            long need = (long)U64(elf, header + 24);
            for (uint remaining = U32(elf, header + 44); remaining > 0; remaining--)
            {
                long auxiliary = need + U32(elf, need + 8);
                for (int count = U16(elf, need + 2); count > 0; count--)
                {
                    if (NameAt(elf, strings + U32(elf, auxiliary + 8)).SequenceEqual(name))
                    {
                        BinaryPrimitives.WriteUInt16LittleEndian(elf.AsSpan((int)auxiliary + 4), (ushort)(U16(elf, auxiliary + 4) | FlagWeak));
                        marked++;
                    }
                    auxiliary += U32(elf, auxiliary + 12);
                }
                need += U32(elf, need + 12);
            }
        }
        return marked;
    }

    private static ReadOnlySpan<byte> NameAt(byte[] elf, long offset)
    {
        ReadOnlySpan<byte> rest = At(elf, offset, 1);
        int end = rest.IndexOf((byte)0);
        return end < 0 ? rest : rest[..end];
    }

    private static ushort U16(byte[] elf, long offset) => BinaryPrimitives.ReadUInt16LittleEndian(At(elf, offset, 2));

    private static uint U32(byte[] elf, long offset) => BinaryPrimitives.ReadUInt32LittleEndian(At(elf, offset, 4));

    private static ulong U64(byte[] elf, long offset) => BinaryPrimitives.ReadUInt64LittleEndian(At(elf, offset, 8));

    private static ReadOnlySpan<byte> At(byte[] elf, long offset, int size) =>
        offset >= 0 && offset + size <= elf.Length
            ? elf.AsSpan((int)offset)
            : throw new InvalidDataException($"the ELF file ends at {elf.Length}, but something is said to lie at {offset}");
}
