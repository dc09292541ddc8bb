using System.Text;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Weights;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

public class SafetensorsReaderTests
{
    [Fact]
    public void Tensors_Golden_HaveTheirTypesShapesAndBytes()
    {
        string path = TestFiles.Golden("pth", "expected_views.safetensors");
        byte[] file = File.ReadAllBytes(path);
        using SafetensorsReader reader = SafetensorsReader.Open(path);

        reader.Tensors.Should().HaveCount(13);
        WeightView transposed = reader.Tensors["transposed"];
        transposed.ToString().Should().Be("Float32 [100, 10]");
        using Tensor tensor = empty([100, 10], ScalarType.Float32);
        transposed.CopyTo(tensor);
        int dataStart = 8 + (int)BitConverter.ToUInt64(file);
        tensor.bytes.ToArray().Should().Equal(file[(dataStart + 1106)..(dataStart + 5106)], "the header says so, at an offset that is not aligned");
    }

    [Fact]
    public void Open_HeaderWithTrailingSpacesAndMetadata_IsRead()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("a.safetensors", SafetensorsFile.Create(
            """{"__metadata__":{"format":"pt"},"w":{"dtype":"I64","shape":[2],"data_offsets":[0,16]}}      """, 16));
        using SafetensorsReader reader = SafetensorsReader.Open(path);

        reader.Tensors.Should().ContainSingle().Which.Value.ToString().Should().Be("Int64 [2]");
    }

    [Fact]
    public void Read_FileCutShortAfterOpening_ThrowsAndDoesNotCrash()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("a.safetensors", SafetensorsFile.Create("""{"w":{"dtype":"F32","shape":[65536],"data_offsets":[0,262144]}}""", 262_144));
        using SafetensorsReader reader = SafetensorsReader.Open(path);
        using (FileStream stream = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            stream.SetLength(1000);
        using Tensor tensor = empty([65_536], ScalarType.Float32);

        reader.Invoking(r => r.Tensors["w"].CopyTo(tensor)).Should().Throw<WeightFileException>().WithMessage("*ends here*");
    }

    [Fact]
    public void Open_ForwardOnlyStream_ReadsInFileOrderOnly()
    {
        byte[] file = SafetensorsFile.Create(Encoding.UTF8.GetBytes(
            """{"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"""), 16);
        BitConverter.TryWriteBytes(file.AsSpan(file.Length - 4), 7f);
        using SafetensorsReader reader = SafetensorsReader.Open(new MemoryStream(file), file.Length, "model.zip/weights");
        using Tensor tensor = empty([2], ScalarType.Float32);

        reader.Tensors["a"].CopyTo(tensor);
        reader.Tensors["b"].CopyTo(tensor);
        tensor[1].item<float>().Should().Be(7);
        reader.Invoking(r => r.Tensors["a"].CopyTo(tensor)).Should().Throw<InvalidOperationException>();
    }
}
