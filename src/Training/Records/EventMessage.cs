using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>
/// The messages of event files, in protobuf's wire format: the few fields of TensorFlow's <c>event.proto</c> and <c>summary.proto</c> that scalars need.
/// </summary>
internal static class EventMessage
{
    private const int WallTime = 1, Step = 2, FileVersion = 3, Summary = 5, SessionLog = 7; // fields of Event
    private const int SummaryValue = 1, Tag = 1, SimpleValue = 2; // of Summary and its Value
    private const int SessionStatus = 1, SessionStarts = 1;
    private const int Varint = 0, Fixed64 = 1, Delimited = 2, Fixed32 = 5; // wire types

    /// <summary>The first message of every file.</summary>
    /// <param name="time">Seconds since 1970.</param>
    public static byte[] Version(double time) => [.. Time(time), .. Bytes(FileVersion, "brain.Event:2"u8)];

    /// <summary>Tells TensorBoard to forget what it has seen of a step and later ones.</summary>
    /// <param name="time">Seconds since 1970.</param>
    /// <param name="step">The step.</param>
    public static byte[] SessionStart(double time, long step) =>
        [.. Time(time), .. Number(Step, step), .. Bytes(SessionLog, Number(SessionStatus, SessionStarts))];

    /// <summary>Numbers of one step.</summary>
    /// <param name="time">Seconds since 1970.</param>
    /// <param name="step">The step.</param>
    /// <param name="values">Tags and values.</param>
    public static byte[] Scalars(double time, long step, IEnumerable<(string Tag, float Value)> values) =>
        [.. Time(time), .. Number(Step, step), .. Bytes(Summary, [.. values.SelectMany(value => Bytes(SummaryValue, Scalar(value.Tag, value.Value)))])];

    /// <summary>The step of a message; 0 where it has none. A message that tells TensorBoard to forget later steps has none of its own.</summary>
    public static long StepOf(ReadOnlySpan<byte> message)
    {
        long step = 0;
        while (message.Length > 0) // checked by its checksum, so it is whole
        {
            ulong field = ReadVarint(ref message);
            if (field >> 3 == SessionLog)
                return 0;
            switch ((int)(field & 7))
            {
                case Varint when field >> 3 == Step: step = (long)ReadVarint(ref message); break;
                case Varint: ReadVarint(ref message); break;
                case Fixed64: message = message[8..]; break;
                case Fixed32: message = message[4..]; break;
                default: message = message[(int)ReadVarint(ref message)..]; break;
            }
        }
        return step;
    }

    private static byte[] Time(double seconds)
    {
        byte[] bytes = new byte[9];
        bytes[0] = (WallTime << 3) | Fixed64;
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(1), seconds);
        return bytes;
    }

    private static byte[] Scalar(string tag, float value)
    {
        byte[] bytes = new byte[5];
        bytes[0] = (SimpleValue << 3) | Fixed32;
        BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(1), value);
        return [.. Bytes(Tag, Encoding.UTF8.GetBytes(tag)), .. bytes];
    }

    private static byte[] Number(int field, long value) => [(byte)((field << 3) | Varint), .. VarintOf((ulong)value)];

    private static byte[] Bytes(int field, ReadOnlySpan<byte> content) => [(byte)((field << 3) | Delimited), .. VarintOf((ulong)content.Length), .. content];

    private static byte[] VarintOf(ulong value)
    {
        byte[] bytes = new byte[Math.Max(1, (64 - BitOperations.LeadingZeroCount(value) + 6) / 7)];
        for (int i = 0; i < bytes.Length; i++, value >>= 7)
            bytes[i] = (byte)((value & 0x7F) | (i < bytes.Length - 1 ? 0x80u : 0));
        return bytes;
    }

    private static ulong ReadVarint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
    }
}
