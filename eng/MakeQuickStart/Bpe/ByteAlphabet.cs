namespace MakeQuickStart.Bpe;

/// <summary>
/// The printable stand-in of each of the 256 bytes, as byte-level BPE files spell them: visible Latin-1 bytes stand for themselves, the others for U+0100
/// onwards.
/// </summary>
internal static class ByteAlphabet
{
    /// <summary>The stand-in of each byte, by its value.</summary>
    public static IReadOnlyList<char> OfByte { get; } = Create();

    private static char[] Create()
    {
        char[] standIns = new char[256];
        char next = (char)256;
        for (int value = 0; value < standIns.Length; value++)
        {
            bool visible = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            standIns[value] = visible ? (char)value : next++;
        }
        return standIns;
    }
}
