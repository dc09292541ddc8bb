using System.Buffers.Binary;
using MiniMind.MLNet.Dpo.Weights;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

/// <summary>Weights that are no numbers, in every format that is read: refused with the tensor's name and the counts, unless they are allowed.</summary>
public sealed class NonFiniteWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, Tensor> _target = new() { [StateDictNames.Embedding] = zeros(40, 30), ["model.norm.weight"] = zeros(30) };

    public void Dispose()
    {
        foreach (Tensor tensor in _target.Values)
            tensor.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("safetensors", WeightPrecision.Float32)]
    [InlineData("safetensors", WeightPrecision.BFloat16)]
    [InlineData("safetensors", WeightPrecision.Float16)]
    [InlineData("pth", WeightPrecision.Float32)]
    [InlineData("pth", WeightPrecision.Float16)]
    public void Load_NaNAndInfinities_AreRefusedByNameAndCount(string format, WeightPrecision precision)
    {
        using Tensor matrix = rand(40, 30), norm = ones(30);
        Set(matrix, (3, 4, float.NaN), (39, 29, float.NaN), (0, 0, float.NegativeInfinity));
        using IWeightSource source = Written(format, precision, (StateDictNames.Embedding, matrix), ("model.norm.weight", norm));

        FluentActions.Invoking(() => StateDictLoader.Load(source, _target, tied: true)).Should().Throw<WeightFileException>()
            .WithMessage($"*tensor 'model.embed_tokens.weight'*{precision} [40, 30]*has 2 NaN and 1 infinite of 1200*AllowNonFiniteWeights*")
            .Which.Path.Should().Be(source.Path);
        StateDictLoader.Load(source, _target, tied: true, allowNonFinite: true);
        _target[StateDictNames.Embedding].isnan().sum().item<long>().Should().Be(2);
    }

    [Fact]
    public void Load_TransposedViewOfACheckpoint_IsLookedAtToo()
    {
        // the view's six elements, and no others
        byte[] storage = [.. Enumerable.Repeat(BitConverter.GetBytes(float.NaN), 6).SelectMany(bytes => bytes), .. new byte[40]];
        string path = _folder.Write("a.pth", ZipBytes.Stored(
            ("archive/data.pkl", PickleBytes.Tensor(shape: [2, 3], strides: [1, 2])), ("archive/byteorder", "little"u8.ToArray()), ("archive/data/0", storage),
                ("archive/version", "3\n"u8.ToArray())));
        using IWeightSource source = WeightFile.Open(path);
        WeightView view = source.Tensors.Values.Single();
        using Tensor target = zeros(view.Shape);
        view.IsContiguous.Should().BeFalse("else the other path is tested");

        view.CopyTo(target).NotNumbers.Should().Be(6);
    }

    [Fact]
    public void Load_DoublesBeyondSinglePrecision_AreRefused()
    {
        byte[] file = SafetensorsFile.Create("""{"model.embed_tokens.weight":{"dtype":"F64","shape":[40,30],"data_offsets":[0,9600]},"model.norm.weight":{"dtype":"F32","shape":[30],"data_offsets":[9600,9720]}}""", 9720);
        BinaryPrimitives.WriteDoubleLittleEndian(file.AsSpan(file.Length - 9720), 1e300);
        using IWeightSource source = WeightFile.Open(_folder.Write("model.safetensors", file));

        FluentActions.Invoking(() => StateDictLoader.Load(source, _target, tied: true)).Should().Throw<WeightFileException>()
            .WithMessage("*'model.embed_tokens.weight'*1 infinite (or beyond the range of Float32) of 1200*");
    }

    [Fact]
    public void Load_SeveralTensors_AreAllNamed()
    {
        using Tensor matrix = full(40, 30, 1e38f), norm = full(30, float.NaN);
        using IWeightSource source = Written("safetensors", WeightPrecision.Float32, (StateDictNames.Embedding, matrix), ("model.norm.weight", norm));

        FluentActions.Invoking(() => StateDictLoader.Load(source, _target, tied: true)).Should().Throw<WeightFileException>()
            .WithMessage("*2 tensors*'model.embed_tokens.weight'*a magnitude of 1E+38*'model.norm.weight'*30 NaN of 30*");
    }

    [Theory]
    [InlineData(WeightPrecision.Float16, 65519f, false)]
    [InlineData(WeightPrecision.Float16, -65520f, true)]
    [InlineData(WeightPrecision.BFloat16, 65520f, false)]
    [InlineData(WeightPrecision.BFloat16, 3.4e38f, true)]
    [InlineData(WeightPrecision.Float32, 3.4e38f, false)]
    [InlineData(WeightPrecision.Float16, float.NaN, false)]
    public void Check_WeightThatWouldBecomeInfinite_IsRefusedBeforeItIsSaved(WeightPrecision precision, float weight, bool refused)
    {
        using Tensor weights = tensor(new[] { 1f, weight });
        using Tensor saved = weights.to_type(precision.ToScalarType());
        if (float.IsFinite(weight))
            saved.isinf().any().item<bool>().Should().Be(refused, "torch rounds so");

        Action check = () => WeightRange.Check(new Dictionary<string, Tensor> { ["w"] = weights }, precision);

        if (refused)
            check.Should().Throw<InvalidOperationException>().WithMessage($"{precision} cannot hold*'w' up to*Float32.");
        else
            check.Should().NotThrow();
    }

    private static void Set(Tensor matrix, params (int Row, int Column, float Value)[] values)
    {
        foreach ((int row, int column, float value) in values)
            matrix[row, column] = value;
    }

    private IWeightSource Written(string format, WeightPrecision precision, params (string Name, Tensor Tensor)[] tensors)
    {
        List<KeyValuePair<string, Tensor>> pairs = [.. tensors.Select(pair => KeyValuePair.Create(pair.Name, pair.Tensor))];
        string path = _folder.File(format == "pth" ? "model.pth" : "model.safetensors");
        using (FileStream stream = File.Create(path))
        {
            if (format == "pth")
                PthWriter.Write(stream, pairs, precision);
            else
                SafetensorsWriter.Write(stream, pairs, precision);
        }
        return WeightFile.Open(path);
    }
}
