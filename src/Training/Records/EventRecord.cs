using System.Buffers.Binary;
using System.Numerics;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>The frame around each message of an event file, TensorFlow's record format: length, its checksum, message, its checksum.</summary>
internal static class EventRecord
{
    private const int HeaderLength = 12, FooterLength = 4;

    /// <summary>Frames a message.</summary>
    public static byte[] Write(ReadOnlySpan<byte> message)
    {
        byte[] record = new byte[HeaderLength + message.Length + FooterLength];
        BinaryPrimitives.WriteInt64LittleEndian(record, message.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), Checksum(record.AsSpan(0, 8)));
        message.CopyTo(record.AsSpan(HeaderLength));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(HeaderLength + message.Length), Checksum(message));
        return record;
    }

    /// <summary>Reads the first record of some bytes.</summary>
    /// <param name="bytes">Begin with a record.</param>
    /// <param name="message">What is in it.</param>
    /// <param name="length">The bytes of the whole record.</param>
    /// <returns>Whether it is there whole and undamaged.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> message, out int length)
    {
        message = default;
        length = 0;
        if (bytes.Length < HeaderLength || BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) != Checksum(bytes[..8]))
            return false;
        long size = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        if (size < 0 || size > bytes.Length - HeaderLength - FooterLength)
            return false;
        message = bytes.Slice(HeaderLength, (int)size);
        length = HeaderLength + (int)size + FooterLength;
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[(length - FooterLength)..]) == Checksum(message);
    }

    // CRC-32C, turned and shifted so that checksums of data that contain checksums stay meaningful
    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return BitOperations.RotateRight(~crc, 15) + 0xa282ead8;
    }
}
