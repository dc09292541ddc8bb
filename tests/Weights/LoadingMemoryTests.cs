using MiniMind.MLNet.Dpo.Weights;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

[Collection(nameof(LoadingMemoryCollection))]
public class LoadingMemoryTests(ITestOutputHelper output)
{
    private const long MegaByte = 1 << 20;
    private const int Rows = 12_800, Columns = 1024, Matrices = 8;

    // 8 matrices of 25 MB in half precision are a file of 200 MB; loaded into half precision they are that again, into single twice that.
    [SkippableTheory]
    [InlineData("safetensors")]
    [InlineData("pth")]
    public void Load_TwoHundredMegabytes_NeedsTheWeightsOnceAndLittleMore(string format)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "reads the peak of resident memory from /proc/self/status");
        using TemporaryFolder folder = new();
        string path = format == "pth" ? WritePth(folder) : WriteSafetensors(folder);
        new FileInfo(path).Length.Should().BeInRange(200 * MegaByte, 201 * MegaByte);
        foreach (ScalarType type in (ScalarType[])[ScalarType.Float16, ScalarType.Float32])
        {
            long growth = GrowthWhileLoading(path, type);

            long weights = (long)Rows * Columns * Matrices * ElementTypes.Size(type);
            output.WriteLine($"{format} as {type}: weights {weights / MegaByte} MB, growth of resident memory {growth / MegaByte} MB");
            growth.Should().BeLessThan(weights + (100 * MegaByte), "the file is read in small pieces, straight into the tensors");
            growth.Should().BeGreaterThan(weights / 2, "otherwise nothing was measured");
        }
    }

    private static long GrowthWhileLoading(string path, ScalarType type)
    {
        long before = ResidentMemory.ResetPeak();
        Dictionary<string, Tensor> parameters = Names().ToDictionary(name => name, _ => empty([Rows, Columns], type));
        using (IWeightSource source = WeightFile.Open(path))
            StateDictLoader.Load(source, parameters, tied: true);
        long growth = ResidentMemory.Peak() - before;
        foreach (Tensor tensor in parameters.Values)
            tensor.Dispose();
        return growth;
    }

    private static IEnumerable<string> Names() => Enumerable.Range(0, Matrices).Select(i => $"w{i}");

    // The data is a hole in the file: zeros that cost no time to write.
    private static string WriteSafetensors(TemporaryFolder folder)
    {
        long bytes = (long)Rows * Columns * 2;
        string header = "{" + string.Join(',', Names().Select(
            (name, i) => $"\"{name}\":{{\"dtype\":\"F16\",\"shape\":[{Rows},{Columns}],\"data_offsets\":[{i * bytes},{(i + 1) * bytes}]}}")) + "}";
        string path = folder.Write("a.safetensors", SafetensorsFile.Create(header, 0));
        using FileStream stream = File.OpenWrite(path);
        stream.SetLength(stream.Length + (bytes * Matrices));
        return path;
    }

    private static string WritePth(TemporaryFolder folder)
    {
        using Tensor matrix = zeros([Rows, Columns], ScalarType.Float16);
        using FileStream stream = File.Create(folder.File("a.pth"));
        List<Tensor> own = [.. Names().Select(_ => matrix.alias())];
        PthWriter.Write(stream, [.. Names().Zip(own, KeyValuePair.Create)], WeightPrecision.Float16);
        foreach (Tensor tensor in own)
            tensor.Dispose();
        return stream.Name;
    }
}
