using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Weights;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

public sealed class RoundTripTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, Tensor> _tensors;

    public RoundTripTests()
    {
        // Bit patterns of all kinds: NaNs with payloads, infinities, subnormal numbers, both zeros.
        int[] bits = new int[300_000];
        Random random = new(9);
        for (int i = 0; i < bits.Length; i++)
            bits[i] = random.Next(int.MinValue, int.MaxValue);
        _tensors = new()
        {
            ["model.layers.0.mlp.gate_proj.weight"] = FromBits(bits, 1000, 300),
            ["scalar"] = tensor(3.5f),
            ["empty"] = empty(0, 4),
            ["Ünïcode\n\"name\""] = rand(3, 2),
        };
    }

    public static TheoryData<WeightPrecision, string> Formats
    {
        get
        {
            TheoryData<WeightPrecision, string> formats = [];
            foreach (WeightPrecision precision in Enum.GetValues<WeightPrecision>())
            {
                foreach (string format in (string[])["safetensors", "shards", "pth"])
                    formats.Add(precision, format);
            }
            return formats;
        }
    }

    public void Dispose()
    {
        foreach (Tensor tensor in _tensors.Values)
            tensor.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void WriteAndRead_EveryFormatAndPrecision_IsBitExact(WeightPrecision precision, string format)
    {
        ScalarType type = precision.ToScalarType();
        Dictionary<string, Tensor> stored = _tensors.ToDictionary(pair => pair.Key, pair => pair.Value.to_type(type));

        using IWeightSource source = WeightFile.Open(Write(stored, precision, format));

        source.Tensors.Keys.Should().BeEquivalentTo(stored.Keys);
        foreach ((string name, Tensor tensor) in stored)
        {
            using Tensor read = empty(tensor.shape, type);
            source.Tensors[name].Type.Should().Be(type);
            source.Tensors[name].CopyTo(read);
            read.SameAs(tensor).Should().BeTrue(name);
            tensor.Dispose();
        }
    }

    [Fact]
    public void Write_OtherPrecision_RoundsAsTorchDoes()
    {
        string path = Write(new() { ["w"] = _tensors["Ünïcode\n\"name\""] }, WeightPrecision.BFloat16, "safetensors");
        using IWeightSource source = WeightFile.Open(path);
        using Tensor expected = _tensors["Ünïcode\n\"name\""].to_type(ScalarType.BFloat16), read = empty([3, 2], ScalarType.BFloat16);

        source.Tensors["w"].CopyTo(read);

        read.SameAs(expected).Should().BeTrue();
    }

    [Fact]
    public void Write_TensorThatIsNotContiguous_IsWrittenRowByRow()
    {
        using Tensor transposed = _tensors["Ünïcode\n\"name\""].t();
        using IWeightSource source = WeightFile.Open(Write(new() { ["w"] = transposed }, WeightPrecision.Float32, "pth"));
        using Tensor read = empty(2, 3);

        source.Tensors["w"].CopyTo(read);

        read.SameAs(transposed).Should().BeTrue();
    }

    [Fact]
    public void Length_Safetensors_IsThatOfTheFile()
    {
        string path = Write(_tensors, WeightPrecision.Float16, "safetensors");

        SafetensorsWriter.Length(_tensors, WeightPrecision.Float16).Should().Be(new FileInfo(path).Length);
    }

    [Fact]
    public void Write_Pth_AlignsStoragesAndSharesThoseOfOneTensor()
    {
        Tensor shared = _tensors["scalar"];
        using IWeightSource source = WeightFile.Open(Write(
            new() { ["a"] = shared, ["b"] = shared, ["c"] = _tensors["empty"] }, WeightPrecision.Float16, "pth"));

        source.Tensors["a"].Offset.Should().Be(source.Tensors["b"].Offset).And.NotBe(source.Tensors["c"].Offset);
        (source.Tensors["a"].Offset % 64).Should().Be(0);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(50_000)]
    [InlineData(300_000)]
    public void Write_StreamThatFails_ThrowsItsError(int capacity)
    {
        using MemoryStream full = new(new byte[capacity]);

        FluentActions.Invoking(() => PthWriter.Write(full, [.. _tensors], WeightPrecision.Float32)).Should().Throw<NotSupportedException>();
        full.Position = 0;
        FluentActions.Invoking(() => SafetensorsWriter.Write(full, _tensors, WeightPrecision.Float32)).Should().Throw<NotSupportedException>();
    }

    private static Tensor FromBits(int[] bits, params long[] shape)
    {
        Tensor tensor = empty(shape);
        tensor.bytes = MemoryMarshal.AsBytes(bits.AsSpan());
        return tensor;
    }

    private string Write(Dictionary<string, Tensor> tensors, WeightPrecision precision, string format)
    {
        if (format == "shards")
        {
            using AtomicFileSet files = new();
            SafetensorsShards.Write(files, _folder.Path, [.. tensors], precision, maxShardBytes: 1000).Should()
                .HaveCount(3, "the large tensor is alone, the small ones share a file");
            files.Commit();
            return _folder.File(SafetensorsShards.IndexName);
        }
        string path = _folder.File("model." + format);
        AtomicFileSet.WriteOne(path, stream =>
        {
            if (format == "pth")
                PthWriter.Write(stream, [.. tensors], precision);
            else
                SafetensorsWriter.Write(stream, tensors, precision);
        });
        return path;
    }
}
