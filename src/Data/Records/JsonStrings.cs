using System.Buffers;

namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>Writes bytes of UTF-8 text as JSON strings, every character as it is.</summary>
internal static class JsonStrings
{
    private static readonly SearchValues<byte> s_special = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(value => (byte)value), (byte)'"', (byte)'\\']);

    /// <summary>Writes a text with its quotes.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="text">The text.</param>
    /// <param name="quotesAreDoubled">Whether two quotes in a row stand for one.</param>
    public static void Write(IBufferWriter<byte> writer, ReadOnlySpan<byte> text, bool quotesAreDoubled = false)
    {
        writer.Write("\""u8);
        while (true)
        {
            int special = text.IndexOfAny(s_special);
            if (special < 0)
                break;
            writer.Write(text[..special]);
            byte value = text[special];
            WriteEscaped(writer, value);
            text = text[(special + (quotesAreDoubled && value == '"' ? 2 : 1))..];
        }
        writer.Write(text);
        writer.Write("\""u8);
    }

    private static void WriteEscaped(IBufferWriter<byte> writer, byte value)
    {
        switch (value)
        {
            case (byte)'"' or (byte)'\\':
                writer.Write([(byte)'\\', value]);
                break;
            case (byte)'\n':
                writer.Write("\\n"u8);
                break;
            case (byte)'\r':
                writer.Write("\\r"u8);
                break;
            case (byte)'\t':
                writer.Write("\\t"u8);
                break;
            default:
                writer.Write("\\u00"u8);
                writer.Write([Digit(value >> 4), Digit(value & 0xF)]);
                break;
        }
    }

    private static byte Digit(int value) => (byte)(value < 10 ? '0' + value : 'a' + value - 10);
}
