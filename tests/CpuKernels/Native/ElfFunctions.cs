using System.Buffers.Binary;
using System.Text;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Native;

/// <summary>Spoils functions that a 64-bit little-endian shared library exports, to make one that answers wrongly or ends the process.</summary>
internal sealed class ElfFunctions
{
    private const int Symbol = 24;

    private readonly byte[] _file;
    private readonly long _symbols, _count, _names;

    /// <summary>Reads a library's table of dynamic symbols.</summary>
    public ElfFunctions(byte[] file)
    {
        _file = file;
        long sections = I64(40);
        for (int i = 0; i < U16(60); i++)
        {
            long header = sections + (long)i * U16(58);
            if (U32(header + 4) != 11) // SHT_DYNSYM
                continue;
            (_symbols, _count) = (I64(header + 24), I64(header + 32) / Symbol);
            _names = I64(sections + (long)U32(header + 40) * U16(58) + 24);
        }
    }

    /// <summary>Each of two names leads to the other's code.</summary>
    public void Exchange(string one, string other)
    {
        Span<byte> first = _file.AsSpan((int)Entry(one) + 8, 16), second = _file.AsSpan((int)Entry(other) + 8, 16);
        byte[] kept = first.ToArray();
        second.CopyTo(first);
        kept.CopyTo(second);
    }

    /// <summary>A call ends the process.</summary>
    public void MakeIllegal(string name) => ((ReadOnlySpan<byte>)[0x0f, 0x0b]).CopyTo(_file.AsSpan((int)Offset(I64(Entry(name) + 8)))); // UD2

    private long Entry(string name)
    {
        byte[] sought = [.. Encoding.ASCII.GetBytes(name), 0];
        for (long i = 0; i < _count; i++)
        {
            if (_file.AsSpan((int)(_names + U32(_symbols + i * Symbol))).StartsWith(sought))
                return _symbols + i * Symbol;
        }
        throw new ArgumentException($"The library exports no {name}.");
    }

    // from an address to its place in the file, by the segments that are loaded
    private long Offset(long address)
    {
        long headers = I64(32);
        for (int i = 0; i < U16(56); i++)
        {
            long header = headers + (long)i * U16(54), start = I64(header + 16);
            if (U32(header) == 1 && address >= start && address < start + I64(header + 32))
                return address - start + I64(header + 8);
        }
        throw new ArgumentException("The address is in no segment.");
    }

    private ushort U16(long at) => BinaryPrimitives.ReadUInt16LittleEndian(_file.AsSpan((int)at));

    private uint U32(long at) => BinaryPrimitives.ReadUInt32LittleEndian(_file.AsSpan((int)at));

    private long I64(long at) => BinaryPrimitives.ReadInt64LittleEndian(_file.AsSpan((int)at));
}
