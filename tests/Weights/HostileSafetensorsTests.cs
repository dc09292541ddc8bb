using System.Text;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

public class HostileSafetensorsTests
{
    private static readonly Dictionary<string, (Func<byte[]> File, string Expected)> s_cases = new()
    {
        ["empty file"] = (() => [], "has 0 bytes"),
        ["seven bytes"] = (() => new byte[7], "has 7 bytes"),
        ["no header"] = (() => new byte[64], "does not start with '{'"),
        ["header of 10 GB"] = (() => [.. SafetensorsFile.Length(10_000_000_000), .. "{}"u8], "10000000000"),
        ["header of 2^63"] = (() => [.. SafetensorsFile.Length(1UL << 63), .. "{}"u8], "9223372036854775808"),
        ["header of 2^64 - 1"] = (() => [.. SafetensorsFile.Length(ulong.MaxValue), .. "{}"u8], "at most 100000000"),
        ["header longer than the file"] = (() => [.. SafetensorsFile.Length(1000), .. "{}"u8], "only 2 bytes follow"),
        ["header that is a list"] = (() => SafetensorsFile.Create("[]", 0), "does not start with '{'"),
        ["header cut short"] = (() => SafetensorsFile.Create("""{"a":{"dtype":"F32",""", 0), "not valid JSON"),
        ["text after the header"] = (() => SafetensorsFile.Create("{} x", 0), "not valid JSON"),
        ["two headers"] = (() => SafetensorsFile.Create("{}{}", 0), "not valid JSON"),
        ["name that is not UTF-8"] = (() => SafetensorsFile.Create(
            [.. "{\""u8, 0xff, 0xfe, .. "\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}"u8], 4), "not valid JSON"),
        ["name with half a surrogate pair"] = (() => SafetensorsFile.Create("""{"\ud800":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}""", 4),
            "not valid JSON"),
        ["deep nesting"] = (() => SafetensorsFile.Create("""{"a":""" + new string('[', 100_000), 0), "not an object"),
        ["deep nesting in the metadata"] = (() => SafetensorsFile.Create("""{"__metadata__":""" + string.Concat(Enumerable.Repeat("{\"a\":", 100_000)), 0),
            "not text"),
        ["nested description"] = (() => One("""{"dtype":{"dtype":"F32"},"shape":[1],"data_offsets":[0,4]}""", 4), "'dtype' is not"),
        ["description that is text"] = (() => One("\"F32\"", 4), "not an object"),
        ["unknown type"] = (() => One("""{"dtype":"F33","shape":[1],"data_offsets":[0,4]}""", 4), "'F33' is not supported"),
        ["quantised type"] = (() => One("""{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}""", 4), "'F8_E4M3' is not supported"),
        ["missing type"] = (() => One("""{"shape":[1],"data_offsets":[0,4]}""", 4), "must all be there"),
        ["type given twice"] = (() => One("""{"dtype":"F32","dtype":"I8","shape":[1],"data_offsets":[0,4]}""", 4), "'dtype' is there twice"),
        ["unknown key"] = (() => One("""{"dtype":"F32","shape":[1],"data_offsets":[0,4],"run":"rm"}""", 4), "'run' is not"),
        ["negative size"] = (() => One("""{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}""", 4), "not a whole number"),
        ["fraction of a size"] = (() => One("""{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}""", 4), "not a whole number"),
        ["size of 2^63"] = (() => One("""{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}""", 4), "not a whole number"),
        ["sizes whose product is 2^64"] = (() => One("""{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}""", 0), "more than 2^60"),
        ["sizes whose product is 2^64 + 1 elements"] = (
            () => One("""{"dtype":"I8","shape":[274177,67280421310721],"data_offsets":[0,1]}""", 1), "more than 2^60"),
        ["size beside zero that overflows"] = (() => One("""{"dtype":"F32","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,4]}""", 4),
            "more than 2^60"),
        ["65 dimensions"] = (() => One("{\"dtype\":\"F32\",\"shape\":[" + string.Join(',', Enumerable.Repeat(1, 65)) + "],\"data_offsets\":[0,4]}", 4),
            "more than 64 numbers"),
        ["shape smaller than the data"] = (() => One("""{"dtype":"F32","shape":[1],"data_offsets":[0,8]}""", 8), "does not fill the 8 bytes"),
        ["shape larger than the data"] = (() => One("""{"dtype":"F32","shape":[3],"data_offsets":[0,8]}""", 8), "does not fill the 8 bytes"),
        ["data that is no multiple of the type"] = (() => One("""{"dtype":"F32","shape":[1],"data_offsets":[0,5]}""", 5), "does not fill the 5 bytes"),
        ["three offsets"] = (() => One("""{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}""", 4), "3 numbers instead of 2"),
        ["offsets backwards"] = (() => One("""{"dtype":"F32","shape":[1],"data_offsets":[4,0]}""", 4), "run backwards"),
        ["offsets past the end"] = (() => One("""{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""", 4), "end after the 4 bytes"),
        ["offset of 2^63 - 1"] = (() => One("""{"dtype":"F32","shape":[1],"data_offsets":[9223372036854775803,9223372036854775807]}""", 4),
            "end after the 4 bytes"),
        ["data that belongs to no tensor"] = (() => One("""{"dtype":"F32","shape":[1],"data_offsets":[0,4]}""", 12), "8 bytes belong to no tensor"),
        ["overlapping tensors"] = (() => Two("[0,8]", "[4,12]", 12), "inside that of 'a'"),
        ["equal extents"] = (() => Two("[0,8]", "[0,8]", 8), "inside that of 'a'"),
        ["hole between tensors"] = (() => Two("[0,8]", "[12,20]", 20), "a hole follows"),
        ["hole before the first tensor"] = (() => One("""{"dtype":"F32","shape":[1],"data_offsets":[4,8]}""", 8), "a hole follows"),
        ["same name twice"] = (() => SafetensorsFile.Create(
            """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8), "named twice"),
        ["metadata that is not text"] = (() => SafetensorsFile.Create("""{"__metadata__":{"a":{"b":"c"}}}""", 0), "not text"),
        ["metadata that is a list"] = (() => SafetensorsFile.Create("""{"__metadata__":[]}""", 0), "not an object"),
        ["name of 900,000 letters"] = (() => SafetensorsFile.Create(
            "{\"" + new string('n', 900_000) + "\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4), "nnn..."),
        ["name with control characters"] = (() => SafetensorsFile.Create("""{"\u001b[2J":{"dtype":"F33","shape":[1],"data_offsets":[0,4]}}""", 4), "\uFFFD[2J"),
    };

    public static TheoryData<string> Names => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Open_HostileFile_IsRefused(string name)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("model.safetensors", s_cases[name].File());

        Refusal.Assert<WeightFileException>(() => SafetensorsReader.Open(path).Dispose(), path, s_cases[name].Expected);
    }

    [Fact]
    public void Open_HeaderLargerThanItsTensors_IsRefused()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("model.safetensors", SafetensorsFile.Length(90_000_000));
        using (FileStream stream = File.OpenWrite(path))
            stream.SetLength(100_000_000);

        Refusal.Assert<WeightFileException>(() => SafetensorsReader.Open(path).Dispose(), path, "more than half");
    }

    [Fact]
    public void Open_ManyTensors_IsRefused()
    {
        StringBuilder header = new("{");
        for (int i = 0; i < 50_001; i++)
            header.Append(i == 0 ? "" : ",").Append($"\"{i}\"").Append(""":{"dtype":"I8","shape":[0],"data_offsets":[0,0]}""");
        using TemporaryFolder folder = new();
        string path = folder.Write("model.safetensors", SafetensorsFile.Create(header.Append('}').ToString(), 0));
        using (FileStream stream = File.OpenWrite(path))
            stream.SetLength(stream.Length * 3);

        Refusal.Assert<WeightFileException>(() => SafetensorsReader.Open(path).Dispose(), path, "more than 50000 tensors");
    }

    private static byte[] One(string description, int dataBytes) => SafetensorsFile.Create("{\"w\":" + description + "}", dataBytes);

    private static byte[] Two(string first, string second, int dataBytes) => SafetensorsFile.Create(
        """{"a":{"dtype":"F32","shape":[2],"data_offsets":FIRST},"b":{"dtype":"F32","shape":[2],"data_offsets":SECOND}}"""
            .Replace("FIRST", first, StringComparison.Ordinal).Replace("SECOND", second, StringComparison.Ordinal),
        dataBytes);
}
