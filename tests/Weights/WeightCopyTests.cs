using MiniMind.MLNet.Dpo.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

public class WeightCopyTests
{
    public static TheoryData<long[], long[], long> Views => new()
    {
        { [100, 10], [1, 100], 0 },
        { [3, 4, 5], [1, 3, 12], 2 },
        { [700, 900], [1, 700], 0 },
        { [900, 3], [700, 233], 5 },
        { [4, 1000], [0, 7], 1 },
        { [2, 0, 3], [3, 3, 1], 0 },
        { [1], [12345], 9 },
        { [1, 1, 629999], [5, 6, 1], 1 },
        { [300_001], [2], 0 },
    };

    [Theory]
    [MemberData(nameof(Views))]
    public void CopyTo_StridedView_EqualsTorchsView(long[] shape, long[] strides, long offset)
    {
        using Tensor storage = rand(630_000, generator: new Generator(3));
        using TemporaryFolder folder = new();
        using ByteSource source = FileByteSource.Open(folder.Write("storage", storage.bytes));
        WeightView view = WeightView.TryCreate(source, 0, 630_000, ScalarType.Float32, offset, shape, strides, out string fault)!;
        fault.Should().BeEmpty();
        using Tensor expected = storage.as_strided(shape, strides, offset);
        using Tensor single = empty(shape), half = empty(shape, ScalarType.BFloat16), expectedHalf = expected.to_type(ScalarType.BFloat16);

        view.CopyTo(single);
        view.CopyTo(half);

        single.SameAs(expected).Should().BeTrue();
        half.SameAs(expectedHalf).Should().BeTrue();
        view.Matches(single).Should().BeTrue();
        view.IsContiguous.Should().Be(expected.is_contiguous());
    }

    [Fact]
    public void CopyStrided_ViewLargerThanTheBuffer_IsReadInPieces()
    {
        using Tensor storage = arange(0, 2000, ScalarType.Float32);
        using TemporaryFolder folder = new();
        using ByteSource source = FileByteSource.Open(folder.Write("storage", storage.bytes));
        WeightView view = WeightView.TryCreate(source, 0, 2000, ScalarType.Float32, 0, [10, 20, 10], [1, 10, 200], out _)!;
        using Tensor read = empty([10, 20, 10]), expected = storage.as_strided([10, 20, 10], [1, 10, 200]);

        unsafe
        {
            new StridedCopy(view, ScalarType.Float32, [10, 20, 10], [200, 10, 1], [1, 10, 200], bufferBytes: 64).Run(TensorMemory.Pointer(read));
        }

        read.SameAs(expected).Should().BeTrue("pieces of 16 elements make the same whole");
    }

    [Fact]
    public void CopyTo_DestinationThatIsNotContiguous_IsFilled()
    {
        using Tensor storage = arange(0, 6, ScalarType.Float32);
        using TemporaryFolder folder = new();
        using ByteSource source = FileByteSource.Open(folder.Write("storage", storage.bytes));
        WeightView view = WeightView.TryCreate(source, 0, 6, ScalarType.Float32, 0, [2, 3], null, out _)!;
        using Tensor packed = zeros(3, 2);
        using Tensor destination = packed.t();

        view.CopyTo(destination);

        packed.data<float>().ToArray().Should().Equal(0, 3, 1, 4, 2, 5);
    }

    [Fact]
    public void CopyTo_OtherShapeOrKind_Throws()
    {
        using TemporaryFolder folder = new();
        using ByteSource source = FileByteSource.Open(folder.Write("storage", new byte[48]));
        WeightView view = WeightView.TryCreate(source, 0, 6, ScalarType.Int64, 0, [2, 3], null, out _)!;
        using Tensor wrongShape = zeros(3, 2), wrongType = zeros(2, 3);

        view.Invoking(v => v.CopyTo(wrongShape)).Should().Throw<ArgumentException>().WithMessage("*Int64 [2, 3]*[3, 2]*");
        view.Invoking(v => v.CopyTo(wrongType)).Should().Throw<ArgumentException>().WithMessage("*cannot be read as Float32*");
    }

    [Fact]
    public void CopyTo_ParameterThatNeedsGradients_KeepsNoTensorsAlive()
    {
        using TemporaryFolder folder = new();
        using ByteSource source = FileByteSource.Open(folder.Write("storage", new byte[24]));
        WeightView view = WeightView.TryCreate(source, 0, 6, ScalarType.Float32, 0, [2, 3], null, out _)!;
        using Tensor parameter = ones(2, 3, requires_grad: true);
        using DisposeScope scope = NewDisposeScope();

        view.CopyTo(parameter);
        view.Matches(parameter).Should().BeTrue();

        scope.DisposablesCount.Should().Be(0, "what the copy makes it disposes");
        parameter.requires_grad.Should().BeTrue();
    }
}
