using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Finds bytes that cannot become .NET text.</summary>
internal static class Utf8Text
{
    /// <summary>The offset of the first byte that is not UTF-8, or -1.</summary>
    public static int FirstInvalidByte(ReadOnlySpan<byte> text)
    {
        if (Utf8.IsValid(text))
            return -1;
        int offset = 0;
        while (Rune.DecodeFromUtf8(text[offset..], out _, out int length) == OperationStatus.Done)
            offset += length;
        return offset;
    }

    /// <summary>The offset of the first <c>\uD8xx</c> escape that has no partner, or -1. Such an escape is valid JSON, but no text.</summary>
    public static int FirstUnpairedSurrogate(ReadOnlySpan<byte> json)
    {
        if (json.IndexOf("\\ud"u8) < 0 && json.IndexOf("\\uD"u8) < 0)
            return -1;
        int offset = 0;
        while (offset < json.Length)
        {
            int escape = json[offset..].IndexOf((byte)'\\');
            if (escape < 0)
                return -1;
            offset += escape;
            switch (Surrogate(json[offset..]))
            {
                case 'h' when Surrogate(json[(offset + 6)..]) == 'l':
                    offset += 12;
                    break;
                case 'h' or 'l':
                    return offset;
                default:
                    offset += 2;
                    break;
            }
        }
        return -1;
    }

    // 'h' for the escape of a high surrogate, 'l' for a low one, '-' for anything else.
    private static char Surrogate(ReadOnlySpan<byte> escape)
    {
        if (escape.Length < 6 || escape[0] != '\\' || escape[1] != 'u' || (escape[2] | 0x20) != 'd')
            return '-';
        return (char)(escape[3] | 0x20) switch
        {
            '8' or '9' or 'a' or 'b' => 'h',
            >= 'c' and <= 'f' => 'l',
            _ => '-',
        };
    }
}
