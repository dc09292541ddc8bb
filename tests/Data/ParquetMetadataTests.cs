using System.Buffers.Binary;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Data.Records;

namespace MiniMind.MLNet.Dpo.Tests.Data;

/// <summary>Metadata that lie about lengths, counts, types and depths are refused before the decoder loops over them or overflows its stack.</summary>
public class ParquetMetadataTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(20);

    public static TheoryData<string, byte[]> Lies => new()
    {
        { "lists in lists", [.. Enumerable.Repeat((byte)0x19, 2000)] },
        { "structures in structures", [.. Enumerable.Repeat((byte)0x1C, 2_000_000)] },
        { "unknown structures in structures", [0xF0, 0x7E, .. Enumerable.Repeat((byte)0xFC, 2_000_000)] },
        { "a list of 2^31 - 1 structures", [0x15, 2, 0x19, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 7, 0, 0, 0] },
        { "a text of 2^31 - 1 bytes", [0x68, 0xFF, 0xFF, 0xFF, 0xFF, 7, 0] },
        { "a number in place of a list", [0x15, 2, 0x15, 0x19, 0] },
        { "a number without an end", [0x15, .. Enumerable.Repeat((byte)0xFF, 100)] },
        { "a negative field", [0x05, 1, 0, 0] },
        { "nothing", [] },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task Open_MetadataThatLie_IsRefused(string what, byte[] metadata)
    {
        byte[] file = new byte[12 + metadata.Length];
        "PAR1"u8.CopyTo(file);
        metadata.CopyTo(file, 4);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4 + metadata.Length), metadata.Length);
        "PAR1"u8.CopyTo(file.AsSpan(8 + metadata.Length));

        await Task.Run(() => Open(file).Should().Throw<PreferenceDataException>(what)
            .WithMessage("rows.parquet: the Parquet file cannot be read: its metadata are *")).WaitAsync(s_soon);
    }

    [Theory]
    [InlineData(0xFFFFFFFFu, "would have 4294967295 bytes")]
    [InlineData(0x7FFFFFFFu, "would have 2147483647 bytes")]
    [InlineData(1u, "would have 1 bytes")]
    public void Open_LengthBeyondTheFile_IsRefused(uint length, string expected)
    {
        byte[] file = [.. "PAR1"u8, 0, 0, 0, 0, .. "PAR1"u8];
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(4), length);

        Open(file).Should().Throw<PreferenceDataException>().WithMessage($"*{expected}*");
    }

    [Fact]
    public void Open_CutFile_SaysSo()
    {
        byte[] whole = ParquetFiles.Texts(2, ("Hi", "a", "b"));

        Open(whole[..^1]).Should().Throw<PreferenceDataException>().WithMessage("*may be cut*");
        Open(whole[..11]).Should().Throw<PreferenceDataException>().WithMessage("*too short*");
        Open(whole).Should().NotThrow();
    }

    private static Action Open(byte[] file) => () => new ParquetRowReader(new MemoryStream(file), "rows.parquet", new PreferenceFileOptions()).Dispose();
}
