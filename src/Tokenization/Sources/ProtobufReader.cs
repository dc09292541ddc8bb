using System.Buffers.Binary;
using System.Text;

namespace MiniMind.MLNet.Dpo.Tokenization.Sources;

/// <summary>Reads the fields of a Protocol Buffers message (the wire format, without a schema); nothing is read past its end.</summary>
/// <param name="bytes">The message.</param>
/// <param name="name">What it is, for the errors.</param>
internal ref struct ProtobufReader(ReadOnlySpan<byte> bytes, string name)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position;

    /// <summary>The number of the field that was read.</summary>
    public int Field { get; private set; }

    /// <summary>The value of a field that is a number.</summary>
    public ulong Number { get; private set; }

    /// <summary>The value of a field that is bytes, text or a message.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>The value as a truth value.</summary>
    public readonly bool Flag => Number != 0;

    /// <summary>The value as a number with a sign.</summary>
    public readonly int Integer => unchecked((int)Number);

    /// <summary>The value as a floating-point number of 32 bits.</summary>
    public readonly float Single => BitConverter.UInt32BitsToSingle((uint)Number);

    /// <summary>The value as text.</summary>
    /// <exception cref="InvalidDataException">It is no UTF-8.</exception>
    public readonly string Text()
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Bytes);
        }
        catch (ArgumentException failure)
        {
            throw Error("has a text that is no UTF-8", failure);
        }
    }

    /// <summary>Goes to the next field.</summary>
    /// <exception cref="InvalidDataException">The message is damaged.</exception>
    public bool Next()
    {
        if (_position == _bytes.Length)
            return false;
        ulong tag = Varint();
        if (tag >> 3 is 0 or > int.MaxValue)
            throw Error("has a field of a number that there is not");
        (Field, Number) = ((int)(tag >> 3), 0);
        Bytes = default;
        switch (tag & 7)
        {
            case 0:
                Number = Varint();
                break;
            case 1:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
                break;
            case 2:
                ulong length = Varint();
                Bytes = Take(length > int.MaxValue ? int.MaxValue : (int)length);
                break;
            case 5:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
                break;
            default:
                throw Error($"has a field of the kind {tag & 7}");
        }
        return true;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
        throw Error("has a number of more than 64 bits");
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _bytes.Length - _position)
            throw Error("ends within a field");
        ReadOnlySpan<byte> taken = _bytes.Slice(_position, length);
        _position += length;
        return taken;
    }

    private readonly InvalidDataException Error(string what, Exception? cause = null) =>
        new($"{name} is no SentencePiece model, or damaged: it {what}.", cause);
}
