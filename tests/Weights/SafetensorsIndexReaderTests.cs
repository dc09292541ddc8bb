using System.Text;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

public class SafetensorsIndexReaderTests
{
    public static TheoryData<string, string> HostileIndexes => new()
    {
        { """{"weight_map":{"a":"../../secret.safetensors"}}""", "not a plain" },
        { """{"weight_map":{"a":"/etc/secret.safetensors"}}""", "not a plain" },
        { """{"weight_map":{"a":"sub/one.safetensors"}}""", "not a plain" },
        { """{"weight_map":{"a":"..\\one.safetensors"}}""", "not a plain" },
        { """{"weight_map":{"a":"C:one.safetensors"}}""", "not a plain" },
        { """{"weight_map":{"a":"passwd"}}""", "not a plain" },
        { """{"weight_map":{"a":3}}""", "not a file name" },
        { """{"weight_map":["one.safetensors"]}""", "missing, or not an object" },
        { """{"metadata":{}}""", "missing, or not an object" },
        { """[]""", "missing, or not an object" },
        { """{"weight_map":{"a":"one.safetensors","a":"one.safetensors"}}""", "not valid JSON" },
        { """{"weight_map":{"a":"one.safetensors"}""", "not valid JSON" },
        { """{"weight_map":{"a":"\ud800.safetensors"}}""", "not valid JSON" },
        { """{"weight_map":{"a":"two.safetensors","b":"three.safetensors"}}""", "2 of 2 files are missing: three.safetensors; two.safetensors" },
        { """{"weight_map":{"a":"one.safetensors","b":"one.safetensors"}}""", "one.safetensors lacks 'b'" },
        { """{"weight_map":{"b":"one.safetensors"}}""", "one.safetensors has 'a', which the index does not name" },
        { """{"weight_map":{"a":"hostile.safetensors"}}""", "hostile.safetensors" },
    };

    [Theory]
    [MemberData(nameof(HostileIndexes))]
    public void Open_HostileIndex_IsRefused(string index, string expected)
    {
        using TemporaryFolder folder = new();
        folder.Write("one.safetensors", SafetensorsFile.Create("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4));
        folder.Write("hostile.safetensors", SafetensorsFile.Length(ulong.MaxValue));
        string path = folder.Write("model.safetensors.index.json", Encoding.UTF8.GetBytes(index));

        Refusal.Assert<WeightFileException>(() => SafetensorsIndexReader.Open(path).Dispose(), folder.Path, expected);
    }

    [Fact]
    public void Open_HugeIndex_IsRefused()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("model.safetensors.index.json", []);
        using (FileStream stream = File.OpenWrite(path))
            stream.SetLength(10L << 30);

        Refusal.Assert<WeightFileException>(() => SafetensorsIndexReader.Open(path).Dispose(), path, "at most 33554432");
    }

    [Fact]
    public void Open_TwoShards_HasTheTensorsOfBoth()
    {
        using TemporaryFolder folder = new();
        folder.Write("one.safetensors", SafetensorsFile.Create("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4));
        folder.Write("two.safetensors", SafetensorsFile.Create("""{"b":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]}}""", 6));
        string path = folder.Write("model.safetensors.index.json",
            """{"metadata":{"total_size":10},"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}"""u8);

        using IWeightSource reader = WeightFile.Open(path);

        reader.Tensors.ToDictionary(pair => pair.Key, pair => pair.Value.ToString()).Should()
            .Equal(new Dictionary<string, string> { ["a"] = "Float32 [1]", ["b"] = "BFloat16 [3]" });
    }
}
