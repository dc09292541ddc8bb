using System.IO.Compression;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

public class HostileZipTests
{
    private static readonly byte[] s_valid = ZipBytes.Checkpoint(PickleBytes.Tensor());

    private static readonly Dictionary<string, (Func<byte[]> File, string Expected)> s_cases = new()
    {
        ["only the opening"] = (() => "PK\u0003\u0004"u8.ToArray(), "no zip directory"),
        ["cut short"] = (() => s_valid[..^10], "no zip directory"),
        ["something after the end"] = (() => [.. s_valid, 1, 2, 3], "no zip directory"),
        ["directory past the end"] = (() => s_valid.With(s_valid.End() + 16, 0xff, 0xff, 0xff, 0x7f), "past its own end"),
        ["directory of 2 GB"] = (() => s_valid.With(s_valid.End() + 12, 0xff, 0xff, 0xff, 0x7f), "past its own end"),
        ["65,534 entries claimed"] = (() => s_valid.With(s_valid.End() + 8, 0xfe, 0xff, 0xfe, 0xff), "claims 65534 entries"),
        ["fewer entries claimed"] = (() => s_valid.With(s_valid.End() + 8, 1, 0, 1, 0), "belong to no entry"),
        ["several disks"] = (() => s_valid.With(s_valid.End() + 4, 1, 0), "several disks"),
        ["zip64 announced, not there"] = (() => s_valid.With(s_valid.End() + 16, 0xff, 0xff, 0xff, 0xff), "zip64 directory"),
        ["zip64 sizes announced, not there"] = (() => s_valid.With(s_valid.Record(0) + 20, 0xff, 0xff, 0xff, 0xff), "zip64 sizes are missing"),
        ["damaged directory"] = (() => s_valid.With(s_valid.Record(1), 0), "directory is damaged"),
        ["name longer than the directory"] = (() => s_valid.With(s_valid.Record(3) + 28, 0xff, 0xff), "ends within an entry"),
        ["encrypted"] = (() => s_valid.With(s_valid.Record(0) + 8, 1, 0), "encrypted"),
        ["unknown compression"] = (() => s_valid.With(s_valid.Record(0) + 10, 99, 0), "method 99"),
        ["zip bomb"] = (() => ZipBytes.Create(CompressionLevel.SmallestSize, ("archive/data.pkl", PickleBytes.Tensor()),
            ("archive/data/0", new byte[50_000_000])), "compressed (method 8)"),
        ["two sizes"] = (() => s_valid.With(s_valid.Record(0) + 24, 1, 2, 3, 0), "bytes in the archive and"),
        ["entry past the end"] = (() => s_valid.With(s_valid.Record(2) + 20, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0x7f),
            "run into the archive's directory"),
        ["entry in the directory"] = (() => s_valid.With(s_valid.Record(2) + 42, [.. BitConverter.GetBytes(s_valid.Record(0))]), "outside the archive's data"),
        ["entry where none is"] = (() => s_valid.With(s_valid.Record(2) + 42, 5, 0, 0, 0), "no entry is at byte 5"),
        ["two records of one entry"] = (() => s_valid.With(s_valid.Record(2) + 42, 0, 0, 0, 0), "has another name"),
        ["overlapping entries"] = (() => s_valid.With(s_valid.Record(0) + 20, 0xc8, 0, 0, 0, 0xc8, 0, 0, 0), "inside entry 'archive/data.pkl'"),
        ["same name twice"] = (() => ZipBytes.Stored(("archive/data.pkl", [1]), ("archive/data.pkl", [2])), "two entries of this name"),
        ["name that leaves the folder"] = (() => ZipBytes.Stored(("../../etc/cron.d/x", [1])), "no plain relative entry name"),
        ["absolute name"] = (() => ZipBytes.Stored(("/etc/cron.d/x", [1])), "no plain relative entry name"),
        ["name with backslashes"] = (() => ZipBytes.Stored(("archive\\..\\x", [1])), "no plain relative entry name"),
        ["name with a drive"] = (() => ZipBytes.Stored(("C:x", [1])), "no plain relative entry name"),
        ["name that is not UTF-8"] = (() => s_valid.Replace("byteorder", "byte\u0001rder").With(s_valid.Record(1) + 46, 0xff), "not UTF-8"),
        ["empty archive"] = (() => [.. "PK\u0005\u0006"u8, .. new byte[18]], "it is empty"),
        ["two folders"] = (() => ZipBytes.Stored(("a/data.pkl", [1]), ("b/data.pkl", [1])), "folders 'a' and 'b'"),
        ["other archive"] = (() => ZipBytes.Stored(("word/document.xml", [1])), "has no 'word/data.pkl'"),
        ["TorchScript"] = (() => ZipBytes.Stored(("m/constants.pkl", [1]), ("m/data.pkl", [1])), "TorchScript"),
        ["big-endian"] = (() => s_valid.Replace("little", "big   "), "'big' byte order"),
        ["byte order of 2 MB"] = (() => ZipBytes.Stored(("a/data.pkl", PickleBytes.Tensor()), ("a/byteorder", new byte[2_000_000])), "at most 64"),
        ["unknown version"] = (() => ZipBytes.Stored(("a/data.pkl", PickleBytes.Tensor()), ("a/version", "99"u8.ToArray())), "version '99'"),
        ["pickle of 20 MB"] = (() => ZipBytes.Stored(("a/data.pkl", new byte[20_000_000])), "at most 16777216"),
    };

    public static TheoryData<string> Names => [.. s_cases.Keys];

    [Fact]
    public void Open_TheArchiveThatTheseCasesDamage_IsRead()
    {
        using TemporaryFolder folder = new();
        using IWeightSource source = WeightFile.Open(folder.Write("a.pth", s_valid));

        source.Tensors.Should().ContainKey("w");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Open_HostileArchive_IsRefused(string name)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("a.pth", s_cases[name].File());

        Refusal.Assert<WeightFileException>(() => WeightFile.Open(path).Dispose(), path, s_cases[name].Expected);
    }
}
