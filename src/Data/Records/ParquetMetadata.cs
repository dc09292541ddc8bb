using System.Buffers.Binary;

namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>Checks the metadata of a Parquet file before the decoder reads them, which takes lengths, counts, types and depths as the file says them.</summary>
/// <remarks>
/// Apache Parquet's metadata are structures in Thrift's compact protocol; every field that the decoder knows must be of the type that the format gives it.
/// </remarks>
internal ref struct ParquetMetadata
{
    /// <summary>Bytes of a file's metadata.</summary>
    public const int MaxBytes = 64 << 20;

    /// <summary>Elements of all lists in them.</summary>
    public const int MaxElements = 1_000_000;

    private const int True = 1, False = 2, Int8 = 3, Int16 = 4, Int32 = 5, Int64 = 6, Double = 7, Binary = 8, List = 9, Set = 10, Map = 11, Struct = 12;
    private const int TrailerBytes = 8, LongestInteger = 10, MaxDepth = 32, ManyElements = 15;

    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;
    private int _elements;

    private ParquetMetadata(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Checks a file's metadata, which stand at its end.</summary>
    /// <exception cref="InvalidDataException">They are not what the format says.</exception>
    public static void CheckFile(Stream stream)
    {
        if (stream.Length < TrailerBytes + 4)
            throw new InvalidDataException("it is too short");
        Span<byte> trailer = stackalloc byte[TrailerBytes];
        stream.Position = stream.Length - TrailerBytes;
        stream.ReadExactly(trailer);
        if (!trailer[4..].SequenceEqual("PAR1"u8))
            throw new InvalidDataException("it does not end as such a file does; it may be cut");
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(trailer);
        if (length > stream.Length - TrailerBytes - 4)
            throw new InvalidDataException($"its metadata would have {length} bytes, more than the file");
        if (length > MaxBytes)
            throw new InvalidDataException($"its metadata have {length} bytes, and at most {MaxBytes} are read; write it with larger row groups");
        byte[] bytes = new byte[length];
        stream.Position = stream.Length - TrailerBytes - length;
        stream.ReadExactly(bytes);
        Check(bytes, "FileMetaData");
    }

    /// <summary>Checks one structure.</summary>
    /// <param name="bytes">Begins with it.</param>
    /// <param name="name">Its name in the format.</param>
    /// <exception cref="InvalidDataException">It is not what the format says.</exception>
    public static void Check(ReadOnlySpan<byte> bytes, string name) => new ParquetMetadata(bytes).Members(name, 0);

    private void Members(string? name, int depth)
    {
        if (depth > MaxDepth)
            throw new InvalidDataException($"its metadata are nested more than {MaxDepth} deep");
        int field = 0;
        for (byte header = Next(); header != 0; header = Next())
        {
            field = header >> 4 == 0 ? FieldNumber() : field + (header >> 4);
            string? type = name is null ? null : ParquetFormat.TypeOf(name, field);
            Value(type, header & 15, depth, inList: false);
        }
    }

    private void Value(string? expected, int type, int depth, bool inList)
    {
        if (expected is not null && !Fits(expected, type))
            throw Damage();
        switch (type)
        {
            case True or False:
                if (inList)
                    Next();
                break;
            case Int8:
                Next();
                break;
            case Int16 or Int32 or Int64:
                Integer();
                break;
            case Double:
                Pass(sizeof(double));
                break;
            case Binary:
                Pass(Integer());
                break;
            case List or Set:
                Elements(expected is null ? null : expected[ParquetFormat.ListPrefix.Length..], depth);
                break;
            case Map when expected is null:
                Pairs(depth);
                break;
            case Struct:
                Members(expected, depth + 1);
                break;
            default:
                throw Damage();
        }
    }

    private void Elements(string? expected, int depth)
    {
        byte header = Next();
        ulong count = header >> 4 == ManyElements ? Integer() : (ulong)(header >> 4);
        Count(count);
        for (ulong i = 0; i < count; i++)
            Value(expected, header & 15, depth + 1, inList: true);
        if (count == 0 && expected is not null && !Fits(expected, header & 15) && header != 0)
            throw Damage();
    }

    private void Pairs(int depth)
    {
        ulong count = Integer();
        if (count == 0)
            return;
        Count(count);
        byte types = Next();
        for (ulong i = 0; i < count; i++)
        {
            Value(null, types >> 4, depth + 1, inList: true);
            Value(null, types & 15, depth + 1, inList: true);
        }
    }

    // every element has a byte at least
    private void Count(ulong count)
    {
        if (count > (ulong)(_bytes.Length - _position))
            throw Damage();
        _elements += (int)count;
        if (_elements > MaxElements)
            throw new InvalidDataException($"its metadata list more than {MaxElements} things; write it with larger row groups");
    }

    private static bool Fits(string expected, int type) => expected switch
    {
        "bool" => type is True or False,
        "i8" => type == Int8,
        "i16" => type == Int16,
        "i32" => type == Int32,
        "i64" => type == Int64,
        "binary" => type == Binary,
        _ when expected.StartsWith(ParquetFormat.ListPrefix, StringComparison.Ordinal) => type == List,
        _ => type == Struct,
    };

    private ulong Integer()
    {
        ulong value = 0;
        for (int i = 0; i < LongestInteger; i++)
        {
            byte part = Next();
            value |= (ulong)(part & 0x7F) << (7 * i);
            if (part < 0x80)
                return value;
        }
        throw Damage();
    }

    // zigzag: the sign stands in the last bit
    private int FieldNumber() => Integer() is var number && (number & 1) == 0 ? (int)(number >> 1) : throw Damage();

    private byte Next() => _position < _bytes.Length ? _bytes[_position++] : throw Damage();

    private void Pass(ulong count)
    {
        if (count > (ulong)(_bytes.Length - _position))
            throw Damage();
        _position += (int)count;
    }

    private readonly InvalidDataException Damage() => new($"its metadata are damaged at their byte {_position}");
}
