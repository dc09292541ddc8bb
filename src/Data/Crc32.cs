using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>
/// The checksum of zip archives (reflected polynomial 0xEDB88320), by carry-less products where the processor has them, else eight bytes at a time.
/// </summary>
internal static class Crc32
{
    private const int FoldedBlock = 64;

    private static readonly uint[][] s_tables = CreateTables();

    // x^n modulo the polynomial for n around 4 * 128 and 128 bits: Gopal et al., Fast CRC Computation for Generic Polynomials Using PCLMULQDQ, Intel 2009.
    private static readonly Vector128<ulong> s_foldByFour = Vector128.Create(0x1_5444_2BD4UL, 0x1_C6E4_1596),
        s_foldByOne = Vector128.Create(0x1_7519_97D0UL, 0x0_CCAA_009E);

    /// <summary>Continues a checksum.</summary>
    /// <param name="checksum">That of what came before; 0 at the start.</param>
    /// <param name="bytes">What comes next.</param>
    public static uint Update(uint checksum, ReadOnlySpan<byte> bytes)
    {
        uint crc = ~checksum;
        int folded = Pclmulqdq.IsSupported ? bytes.Length / FoldedBlock * FoldedBlock : 0;
        if (folded >= 2 * FoldedBlock)
        {
            crc = Fold(crc, MemoryMarshal.Cast<byte, Vector128<ulong>>(bytes[..folded]));
            bytes = bytes[folded..];
        }
        return ~Tabled(crc, bytes);
    }

    /// <summary>The same without carry-less products.</summary>
    internal static uint UpdateByTables(uint checksum, ReadOnlySpan<byte> bytes) => ~Tabled(~checksum, bytes);

    // Four lanes of 128 bits side by side, then one, whose 16 bytes have the checksum that all before them have.
    private static uint Fold(uint crc, ReadOnlySpan<Vector128<ulong>> blocks)
    {
        Vector128<ulong> a = blocks[0] ^ Vector128.CreateScalar((ulong)crc), b = blocks[1], c = blocks[2], d = blocks[3];
        for (blocks = blocks[4..]; blocks.Length >= 4; blocks = blocks[4..])
        {
            a = Fold(a, s_foldByFour) ^ blocks[0];
            b = Fold(b, s_foldByFour) ^ blocks[1];
            c = Fold(c, s_foldByFour) ^ blocks[2];
            d = Fold(d, s_foldByFour) ^ blocks[3];
        }
        Vector128<ulong> rest = Fold(Fold(Fold(a, s_foldByOne) ^ b, s_foldByOne) ^ c, s_foldByOne) ^ d;
        return Tabled(0, MemoryMarshal.AsBytes(new ReadOnlySpan<Vector128<ulong>>(in rest)));
    }

    private static Vector128<ulong> Fold(Vector128<ulong> lane, Vector128<ulong> powers) =>
        Pclmulqdq.CarrylessMultiply(lane, powers, 0x00) ^ Pclmulqdq.CarrylessMultiply(lane, powers, 0x11);

    private static uint Tabled(uint crc, ReadOnlySpan<byte> bytes)
    {
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            uint low = BitConverter.ToUInt32(bytes) ^ crc, high = BitConverter.ToUInt32(bytes[4..]);
            crc = s_tables[7][low & 0xFF] ^ s_tables[6][(low >> 8) & 0xFF] ^ s_tables[5][(low >> 16) & 0xFF] ^ s_tables[4][low >> 24]
                ^ s_tables[3][high & 0xFF] ^ s_tables[2][(high >> 8) & 0xFF] ^ s_tables[1][(high >> 16) & 0xFF] ^ s_tables[0][high >> 24];
        }
        foreach (byte value in bytes)
            crc = (crc >> 8) ^ s_tables[0][(crc ^ value) & 0xFF];
        return crc;
    }

    private static uint[][] CreateTables()
    {
        uint[][] tables = [.. Enumerable.Range(0, 8).Select(_ => new uint[256])];
        for (uint i = 0; i < 256; i++)
        {
            uint crc = i;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
            tables[0][i] = crc;
        }
        for (int i = 0; i < 256; i++)
        {
            for (int table = 1; table < 8; table++)
                tables[table][i] = (tables[table - 1][i] >> 8) ^ tables[0][tables[table - 1][i] & 0xFF];
        }
        return tables;
    }
}
