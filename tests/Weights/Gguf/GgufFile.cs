using System.Text;

namespace MiniMind.MLNet.Dpo.Tests.Weights.Gguf;

/// <summary>A strict reader of GGUF files, version 3, made from the format's description alone; whatever is out of order fails.</summary>
internal sealed class GgufFile
{
    private readonly byte[] _bytes;
    private readonly long _data;
    private int _at;

    public GgufFile(string path)
    {
        _bytes = File.ReadAllBytes(path);
        Encoding.ASCII.GetString(Take(4)).Should().Be("GGUF");
        UInt32().Should().Be(3);
        ulong tensors = UInt64(), keys = UInt64();
        for (ulong i = 0; i < keys; i++)
            Keys.Add(Text(), Value(UInt32()));
        int alignment = checked((int)(uint)Keys["general.alignment"]);
        for (ulong i = 0; i < tensors; i++)
        {
            string name = Text();
            Encoding.UTF8.GetByteCount(name).Should().BeLessThan(64);
            long[] sizes = [.. Enumerable.Range(0, (int)UInt32()).Select(_ => checked((long)UInt64()))];
            Tensors.Add(name, (sizes, UInt32(), checked((long)UInt64())));
        }
        _data = Padded(_at, alignment);
        long next = 0;
        foreach ((string name, (long[] sizes, uint type, long offset)) in Tensors)
        {
            offset.Should().Be(next, $"{name} begins where the one before ends");
            next = Padded(offset + Length(sizes, type), alignment);
        }
        _bytes.LongLength.Should().Be(_data + next);
        _bytes[_at..(int)_data].Should().OnlyContain(value => value == 0);
    }

    public Dictionary<string, object> Keys { get; } = [];

    /// <summary>Sizes (the fastest first), type and place of each tensor, in the order of the file.</summary>
    public Dictionary<string, (long[] Sizes, uint Type, long Offset)> Tensors { get; } = [];

    /// <summary>The numbers of a tensor as a runtime reads them.</summary>
    public double[] Numbers(string name)
    {
        (long[] sizes, uint type, long offset) = Tensors[name];
        int at = (int)(_data + offset), count = (int)sizes.Aggregate(1L, (product, size) => product * size);
        return type switch
        {
            0 => [.. Enumerable.Range(0, count).Select(i => (double)BitConverter.ToSingle(_bytes, at + (4 * i)))],
            1 => [.. Enumerable.Range(0, count).Select(i => (double)BitConverter.ToHalf(_bytes, at + (2 * i)))],
            30 => [.. Enumerable.Range(0, count).Select(i => (double)BitConverter.UInt32BitsToSingle((uint)BitConverter.ToUInt16(_bytes, at + (2 * i)) << 16))],
            8 => [.. Enumerable.Range(0, count).Select(i => (double)Scale(at, i) * (sbyte)_bytes[at + (i / 32 * 34) + 2 + (i % 32)])],
            _ => throw new InvalidDataException($"type {type}"),
        };
    }

    /// <summary>The scale of each block of a Q8_0 tensor, and its whole numbers.</summary>
    public (Half Scale, sbyte[] Numbers)[] Blocks(string name)
    {
        (long[] sizes, uint type, long offset) = Tensors[name];
        type.Should().Be(8);
        int at = (int)(_data + offset), count = (int)sizes.Aggregate(1L, (product, size) => product * size) / 32;
        return [.. Enumerable.Range(0, count).Select(block => (
            Scale(at, 32 * block), Enumerable.Range(0, 32).Select(i => (sbyte)_bytes[at + (34 * block) + 2 + i]).ToArray()))];
    }

    private Half Scale(int at, int index) => BitConverter.ToHalf(_bytes, at + (index / 32 * 34));

    private static long Length(long[] sizes, uint type)
    {
        long count = sizes.Aggregate(1L, (product, size) => product * size);
        if (type == 8)
            (sizes[0] % 32).Should().Be(0, "a row is whole blocks");
        return type switch { 0 => 4 * count, 1 or 30 => 2 * count, 8 => count / 32 * 34, _ => throw new InvalidDataException($"type {type}") };
    }

    private static long Padded(long at, int alignment) => (at + alignment - 1) / alignment * alignment;

    private object Value(uint type) => type switch
    {
        4 => UInt32(),
        5 => (int)UInt32(),
        6 => BitConverter.ToSingle(Take(4)),
        7 => Take(1)[0] switch { 0 => false, 1 => true, _ => throw new InvalidDataException("a truth value") },
        8 => Text(),
        9 => List(UInt32(), UInt64()),
        _ => throw new InvalidDataException($"a value of type {type}"),
    };

    private object[] List(uint type, ulong count) => [.. Enumerable.Range(0, checked((int)count)).Select(_ => Value(type))];

    private string Text() => new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Take(checked((int)UInt64())));

    private uint UInt32() => BitConverter.ToUInt32(Take(4));

    private ulong UInt64() => BitConverter.ToUInt64(Take(8));

    private ReadOnlySpan<byte> Take(int count)
    {
        _at += count;
        return _bytes.AsSpan(_at - count, count);
    }
}
