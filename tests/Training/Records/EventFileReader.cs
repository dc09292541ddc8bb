using System.Buffers.Binary;
using System.Text;

namespace MiniMind.MLNet.Dpo.Tests.Training.Records;

/// <summary>Reads TensorBoard's event files by the formats' descriptions alone: TFRecord frames, and the protobuf wire format of Event.</summary>
internal static class EventFileReader
{
    /// <summary>All events of a file; a damaged frame or an unknown field is an error.</summary>
    public static IReadOnlyList<ReadEvent> Read(string path)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(path);
        List<ReadEvent> events = [];
        while (bytes.Length > 0)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            Masked(bytes[..8]).Should().Be(BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]), "the length has its checksum");
            ReadOnlySpan<byte> message = bytes.Slice(12, length);
            Masked(message).Should().Be(BinaryPrimitives.ReadUInt32LittleEndian(bytes[(12 + length)..]), "the message has its checksum");
            events.Add(ParseEvent(message));
            bytes = bytes[(16 + length)..];
        }
        return events;
    }

    /// <summary>The CRC-32C of RFC 3720, bit by bit.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0x82F63B78;
        }
        return ~crc;
    }

    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        uint crc = Crc32C(bytes);
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8;
    }

    // tensorflow/core/util/event.proto: 1 wall_time double, 2 step int64, 3 file_version string, 5 summary, 7 session_log
    private static ReadEvent ParseEvent(ReadOnlySpan<byte> message)
    {
        ReadEvent found = new(0, 0, null, null, new Dictionary<string, float>());
        while (message.Length > 0)
        {
            switch (Varint(ref message))
            {
                case (1 << 3) | 1: found = found with { WallTime = BinaryPrimitives.ReadDoubleLittleEndian(Take(ref message, 8)) }; break;
                case 2 << 3: found = found with { Step = (long)Varint(ref message) }; break;
                case (3 << 3) | 2: found = found with { FileVersion = Encoding.UTF8.GetString(Delimited(ref message)) }; break;
                case (5 << 3) | 2: found = found with { Scalars = ParseSummary(Delimited(ref message)) }; break;
                case (7 << 3) | 2: found = found with { SessionStatus = ParseSessionLog(Delimited(ref message)) }; break;
                case var field: throw new InvalidDataException($"unexpected field {field >> 3} of wire type {field & 7}");
            }
        }
        return found;
    }

    // tensorflow/core/framework/summary.proto: 1 repeated value { 1 tag string, 2 simple_value float }
    private static Dictionary<string, float> ParseSummary(ReadOnlySpan<byte> message)
    {
        Dictionary<string, float> scalars = [];
        while (message.Length > 0)
        {
            Varint(ref message).Should().Be((1 << 3) | 2);
            ReadOnlySpan<byte> value = Delimited(ref message);
            Varint(ref value).Should().Be((1 << 3) | 2);
            string tag = Encoding.UTF8.GetString(Delimited(ref value));
            Varint(ref value).Should().Be((2 << 3) | 5);
            scalars.Add(tag, BinaryPrimitives.ReadSingleLittleEndian(Take(ref value, 4)));
            value.Length.Should().Be(0);
        }
        return scalars;
    }

    private static int ParseSessionLog(ReadOnlySpan<byte> message)
    {
        Varint(ref message).Should().Be(1 << 3);
        return (int)Varint(ref message);
    }

    private static ReadOnlySpan<byte> Delimited(ref ReadOnlySpan<byte> bytes) => Take(ref bytes, (int)Varint(ref bytes));

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes, int count)
    {
        ReadOnlySpan<byte> taken = bytes[..count];
        bytes = bytes[count..];
        return taken;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = Take(ref bytes, 1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
