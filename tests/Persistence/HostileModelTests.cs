using System.IO.Compression;
using System.Text;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Persistence;

/// <summary>
/// Model files made to do harm, and valid ones with random damage: an error that says what and where, soon and with little memory, or the model that was saved.
/// </summary>
public sealed class HostileModelTests : IDisposable
{
    private const string Folder = "TransformerChain/";

    private static readonly Dictionary<string, (string Entry, Func<byte[], byte[]> Change, string Expected)> s_cases = new()
    {
        ["settings of 63 MB of spaces"] = ("settings.json", _ => Filled(63 << 20, ' '), "settings.json"),
        ["settings of 65 MB"] = ("settings.json", _ => Filled(65 << 20, ' '), "claims 68157440 bytes"),
        ["settings nested deep"] = ("settings.json", _ => Filled(1 << 20, '['), "settings.json"),
        ["settings that are a list"] = ("settings.json", _ => "[]"u8.ToArray(), "settings.json"),
        ["key twice"] = ("settings.json", json => Replace(json, "\"Config\":", "\"Config\":null,\"Config\":"), "Config"),
        ["layers of 2^31 - 1"] = ("settings.json", json => Number(json, "LayerCount", "2147483647"), "too few for 2147483647 layers"),
        ["layers of 2^63"] = ("settings.json", json => Number(json, "LayerCount", "9223372036854775808"), "LayerCount"),
        ["negative layers"] = ("settings.json", json => Number(json, "LayerCount", "-1"), "LayerCount"),
        ["no heads"] = ("settings.json", json => Number(json, "HeadCount", "0"), "settings.json"),
        ["vocabulary of 2^31 - 1"] = ("settings.json", json => Number(json, "VocabularySize", "2147483647"), "misshapen"),
        ["hidden size of 2^30"] = ("settings.json", json => Number(json, "HiddenSize", "1073741824"), "misshapen"),
        ["intermediate size of 2^31 - 1"] = ("settings.json", json => Number(json, "IntermediateSize", "2147483647"), "misshapen"),
        ["experts of 2^31 - 1"] = ("settings.json", json => Replace(
            json, "\"Experts\":null",
            "\"Experts\":{\"Count\":2147483647,\"PerToken\":1,\"IntermediateSize\":4,\"NormalizeTopK\":true,\"AuxLossCoefficient\":0}"), "too few"),
        ["rotary base that is not a number"] = ("settings.json", json => Number(json, "RopeTheta", "\"NaN\""), "RopeTheta"),
        ["beta that is not a number"] = ("settings.json", json => Number(json, "Beta", "\"NaN\""), "Beta is NaN"),
        ["loss that is not there"] = ("settings.json", json => Replace(json, "\"Name\":\"Sigmoid\"", "\"Name\":\"Sigmund\""), "no loss named 'Sigmund'"),
        ["loss named after a type"] = ("settings.json", json => Replace(json, "\"Name\":\"Sigmoid\"", "\"Name\":\"System.IO.File\""),
            "no loss named 'System.IO.File'"),
        ["loss without a name"] = ("settings.json", json => Replace(json, "\"Name\":\"Sigmoid\",", ""), "no loss named ''"),
        ["loss named by a number"] = ("settings.json", json => Replace(json, "\"Name\":\"Sigmoid\"", "\"Name\":1"), "no loss named ''"),
        ["loss named twice"] = ("settings.json", json => Replace(json, "\"Name\":\"Sigmoid\"", "\"Name\":\"Sigmoid\",\"Name\":\"Sigmoid\""), "Name"),
        ["loss that is a list"] = ("settings.json", json => Replace(json, "\"Loss\":{\"Name\":\"Sigmoid\",\"LabelSmoothing\":0}", "\"Loss\":[]"),
            "must be an object"),
        ["loss that is null"] = ("settings.json", json => Replace(json, "\"Loss\":{\"Name\":\"Sigmoid\",\"LabelSmoothing\":0}", "\"Loss\":null"),
            "settings.json"),
        ["loss with half of its labels wrong"] = ("settings.json", json => Number(json, "LabelSmoothing", "0.5"), "below 0.5"),
        ["loss with a smoothing that is not a number"] = ("settings.json", json => Number(json, "LabelSmoothing", "\"NaN\""), "below 0.5"),
        ["loss without its parameter"] = ("settings.json", json => Replace(json, ",\"LabelSmoothing\":0", ""), "abelSmoothing"),
        ["loss with another one's parameter"] = ("settings.json", json => Replace(json, "\"LabelSmoothing\":0", "\"LabelSmoothing\":0,\"Gamma\":1"), "Gamma"),
        ["batches of nothing"] = ("settings.json", json => Number(json, "BatchSize", "0"), "BatchSize 0"),
        ["reduction by number"] = ("settings.json", json => Replace(json, "\"Reduction\":\"Mean\"", "\"Reduction\":1"), "settings.json"),
        ["column without a name"] = ("settings.json", json => Replace(json, "\"ChosenInputIds\":\"ChosenInputIds\"", "\"ChosenInputIds\":null"),
            "settings.json"),
        ["template that does not parse"] = ("settings.json", json => Replace(json, "{%- for message in messages %}", "{%- for message in %}"), "settings.json"),
        ["steps in words"] = ("settings.json", json => Replace(json, "\"Steps\":2", "\"Steps\":\"two\""), "settings.json"),
        ["tokenizer of 63 MB of spaces"] = ("tokenizer.json", _ => Filled(63 << 20, ' '), "tokenizer.json"),
        ["tokenizer of 65 MB"] = ("tokenizer.json", _ => Filled(65 << 20, ' '), "claims 68157440 bytes"),
        ["tokenizer's config of 9 MB"] = ("tokenizer_config.json", _ => Filled(9 << 20, ' '), "at most 8388608"),
        ["empty tokenizer"] = ("tokenizer.json", _ => [], "tokenizer.json"),
        ["weights cut short"] = ("policy.safetensors", bytes => bytes[..^4], "policy.safetensors"),
        ["weights and more"] = ("policy.safetensors", bytes => [.. bytes, 1, 2, 3, 4], "belong to no tensor"),
        ["weights with a header of 2^63"] = ("policy.safetensors", bytes => [0, 0, 0, 0, 0, 0, 0, 0x80, .. bytes[8..]], "9223372036854775808"),
        ["weights of nothing"] = ("policy.safetensors", _ => [], "has 0 bytes"),
        ["weights that are a pickle"] = ("policy.safetensors", _ => PickleBytes.Tensor(), "policy.safetensors"),
        ["reference's tensor renamed"] = ("reference.safetensors", bytes => Replace(bytes, "model.norm.weight", "model.norm.weighs"),
            "1 unknown: model.norm.weighs"),
        ["reference in half precision"] = ("reference.safetensors", bytes => Replace(bytes, "\"F32\"", "\"F64\""), "reference.safetensors"),
    };

    private static readonly byte[] s_valid = MakeValid();

    private readonly MLContext _context = new(seed: 1) { TempFilePath = Directory.CreateTempSubdirectory("hostile-model-").FullName };

    public static TheoryData<string> Names => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Load_HostileEntry_IsRefusedSoonWithLittleMemory(string name)
    {
        (string entry, Func<byte[], byte[]> change, string expected) = s_cases[name];
        byte[] file = Rewritten(Folder + entry, change);

        Exception thrown = Refusal.Measured(() => Load(file))!.GetBaseException();

        thrown.Should().BeOfType<FormatException>().Which.Message.Should().Contain(Folder).And.Contain(expected).And.Match(m => m.Length < 10_000);
        Directory.EnumerateFileSystemEntries(_context.TempFilePath).Should().BeEmpty();
    }

    [Fact]
    public void Load_ScorerOfBeforeThereWasAChoiceOfLosses_HasTheSigmoidLoss()
    {
        byte[] old = Rewritten(Folder + "settings.json", json => Replace(json, "\"Loss\":{\"Name\":\"Sigmoid\",\"LabelSmoothing\":0},", ""));
        using DpoTransformer loaded = (DpoTransformer)_context.Model.Load(new MemoryStream(old), out _);

        byte[] again = TinyScorer.Save(_context, loaded);

        using ZipArchive archive = new(new MemoryStream(again));
        using StreamReader settings = new(archive.GetEntry(Folder + "settings.json")!.Open());
        settings.ReadToEnd().Should().Contain("\"Loss\":{\"Name\":\"Sigmoid\",\"LabelSmoothing\":0}");
    }

    [Fact]
    public void Load_WeightsThatAreCompressed_AreRefused()
    {
        byte[] file = Rewritten(Folder + "policy.safetensors", _ => new byte[300 << 20], CompressionLevel.Optimal);

        Refusal.Measured(() => Load(file))!.GetBaseException().Should().BeOfType<FormatException>().Which.Message.Should().Contain("policy.safetensors")
            .And.Contain("claims 314572800 bytes");
    }

    [Fact]
    public void Load_EntriesThatLeaveTheFolder_WritesNothing()
    {
        using MemoryStream file = new();
        file.Write(s_valid);
        using (ZipArchive archive = new(file, ZipArchiveMode.Update, leaveOpen: true))
        {
            foreach (string name in (string[])["../slipped", "/tmp/slipped", "TransformerChain/../../slipped"])
            {
                using Stream stream = archive.CreateEntry(name).Open();
                stream.Write("slipped"u8);
            }
        }

        Load(file.ToArray());

        Directory.EnumerateFileSystemEntries(_context.TempFilePath).Should().BeEmpty();
        File.Exists(Path.Combine(_context.TempFilePath, "..", "slipped")).Should().BeFalse();
    }

    [Theory]
    [InlineData("settings.json")]
    [InlineData("tokenizer.json")]
    [InlineData("policy.safetensors")]
    [InlineData("reference.safetensors")]
    public void Load_OneFlippedBit_IsRefused(string entry)
    {
        Random random = new(7);
        (int start, int length) = DataOf(Folder + entry);
        for (int i = 0; i < 50; i++)
        {
            byte[] file = [.. s_valid];
            file[start + random.Next(length)] ^= (byte)(1 << random.Next(8));

            Refusal.Measured(() => Load(file))!.GetBaseException().Should().BeOfType<FormatException>().Which.Message.Should().Contain(entry);
        }
    }

    // Half of the mutations damage the file, half the contents of an entry, which is then stored again with the checksum that it has.
    [Fact]
    public void Load_TwoThousandMutations_EndInAClearErrorOrAModel()
    {
        Random random = new(2026);
        string[] entries = [.. Entries().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)
            && !name.EndsWith("Model.key", StringComparison.Ordinal))];
        int refused = 0;
        for (int i = 0; i < 2000; i++)
        {
            byte[] file = i % 2 == 0 ? FuzzTests.Mutate(s_valid, random)
                : Rewritten(entries[random.Next(entries.Length)], bytes => FuzzTests.Mutate(bytes, random));
            Exception? thrown = Refusal.Measured(() => Load(file));
            if (thrown is null)
                continue;
            refused++;
            Exception cause = thrown.GetBaseException();
            (thrown is FormatException || cause is FormatException or InvalidDataException or InvalidOperationException).Should()
                .BeTrue("mutation {0} ended in {1}", i, cause);
        }
        refused.Should().BeInRange(500, 1999);
    }

    public void Dispose() => ModelFolders.Delete(_context.TempFilePath);

    private static byte[] MakeValid()
    {
        using DpoTransformer scorer = TinyScorer.Create();
        return TinyScorer.Save(new MLContext(seed: 1), scorer);
    }

    private static byte[] Filled(int length, char letter)
    {
        byte[] bytes = new byte[length];
        Array.Fill(bytes, (byte)letter);
        return bytes;
    }

    private static byte[] Number(byte[] json, string key, string value)
    {
        string text = Encoding.UTF8.GetString(json);
        int start = text.IndexOf($"\"{key}\":", StringComparison.Ordinal) + key.Length + 3, end = text.IndexOfAny([',', '}'], start);
        start.Should().BeGreaterThan(key.Length + 2, "a case that changes nothing tests nothing");
        return Encoding.UTF8.GetBytes(text[..start] + value + text[end..]);
    }

    private static byte[] Replace(byte[] bytes, string old, string other)
    {
        string text = Encoding.Latin1.GetString(bytes);
        text.Should().Contain(old, "a case that changes nothing tests nothing");
        return Encoding.Latin1.GetBytes(text.Replace(old, other, StringComparison.Ordinal));
    }

    private static List<string> Entries()
    {
        using ZipArchive archive = new(new MemoryStream(s_valid));
        return [.. archive.Entries.Select(e => e.FullName)];
    }

    /// <summary>The valid file with the contents of one entry changed.</summary>
    private static byte[] Rewritten(string name, Func<byte[], byte[]> change, CompressionLevel level = CompressionLevel.NoCompression)
    {
        using ZipArchive archive = new(new MemoryStream(s_valid));
        archive.GetEntry(name).Should().NotBeNull("a case that changes nothing tests nothing");
        using MemoryStream file = new();
        using (ZipArchive copy = new(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                using MemoryStream bytes = new();
                using (Stream stream = entry.Open())
                    stream.CopyTo(bytes);
                using Stream target = copy.CreateEntry(entry.FullName, level).Open();
                target.Write(entry.FullName == name ? change(bytes.ToArray()) : bytes.ToArray());
            }
        }
        return file.ToArray();
    }

    // Where an entry's data lies: behind its local header (PKWARE APPNOTE 4.3.7).
    private static (int Start, int Length) DataOf(string name)
    {
        using ZipArchive archive = new(new MemoryStream(s_valid));
        ZipArchiveEntry entry = archive.GetEntry(name)!;
        int at = s_valid.AsSpan().IndexOf((byte[])[.. Encoding.UTF8.GetBytes(name)]) - 30;
        s_valid.AsSpan(at, 4).SequenceEqual("PK\u0003\u0004"u8).Should().BeTrue();
        return (at + 30 + name.Length + BitConverter.ToUInt16(s_valid, at + 28), (int)entry.CompressedLength);
    }

    private void Load(byte[] file) => (_context.Model.Load(new MemoryStream(file), out _) as IDisposable)?.Dispose();
}
