using MiniMind.MLNet.Dpo.CpuKernels.Decoding;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Decoding;

/// <summary>Products of packed matrices against sums in double precision of the numbers that are kept.</summary>
public sealed class PackedProductTests
{
    public static TheoryData<PackedFormat, int, int> Shapes
    {
        get
        {
            TheoryData<PackedFormat, int, int> shapes = [];
            foreach (PackedFormat format in Enum.GetValues<PackedFormat>())
            {
                foreach ((int outputs, int inputs) in new[] { (1, 1), (5, 3), (64, 16), (65, 17), (130, 72), (200, 611) })
                    shapes.Add(format, outputs, inputs);
            }
            return shapes;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Of_AnyWidths_IsTheExactProductOfWhatIsKept(PackedFormat format, int outputs, int inputs)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(1);
        Tensor matrix = randn(outputs, inputs, generator: random), bias = randn(outputs, generator: random);
        using PackedMatrix packed = new(outputs, inputs, format);
        int half = outputs / 2;
        packed.Fill(0, matrix[..half].contiguous()); // in parts
        packed.Fill(half, matrix[half..].contiguous());
        packed.AddBias(bias);
        float[,] rows = Rows(7, inputs);

        float[][] products = Multiply(packed, rows, 7);

        float[][] kept = Kept(matrix, format);
        for (int row = 0; row < 7; row++)
        {
            for (int output = 0; output < outputs; output++)
            {
                double exact = bias[output].item<float>();
                double size = Math.Abs(exact);
                for (int i = 0; i < inputs; i++)
                {
                    exact += (double)kept[output][i] * rows[row, i];
                    size += Math.Abs((double)kept[output][i] * rows[row, i]);
                }
                ((double)products[row][output]).Should().BeApproximately(exact, 1e-6 + size * 2e-7 * Math.Sqrt(inputs),
                    "a sum of {0} products is rounded so often, row {1}, output {2}", inputs, row, output);
            }
        }
    }

    [Theory]
    [InlineData(PackedFormat.Float32)]
    [InlineData(PackedFormat.BFloat16)]
    [InlineData(PackedFormat.Int8)]
    public void Of_ARowAmongOthers_HasTheBitsOfTheRowAlone(PackedFormat format)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new(2);
        using PackedMatrix packed = new(150, 333, format);
        packed.Fill(0, randn(150, 333, generator: random));
        float[,] rows = Rows(17, 333);
        float[][] alone = [.. Enumerable.Range(0, 17).Select(row => Multiply(packed, rows, 1, row)[0])];

        for (int count = 1; count <= 17; count++)
        {
            float[][] together = Multiply(packed, rows, count);
            for (int row = 0; row < count; row++)
                together[row].Should().Equal(alone[row], "row {0} of {1}", row, count);
        }
    }

    [Fact]
    public void Fill_WholeNumbersWithFactors_AreKeptExactly()
    {
        using DisposeScope scope = NewDisposeScope();
        sbyte[] levels = [.. Enumerable.Range(0, 3 * 5).Select(i => (sbyte)(i * 17 % 255 - 127))];
        float[] factors = [0.5f, 3, 0.01f]; // none is the largest level over 127
        using PackedMatrix packed = new(3, 5, PackedFormat.Int8);
        packed.Fill(0, tensor(levels).view(3, 5), tensor(factors).view(3, 1));
        float[,] unit = new float[5, 5];
        for (int i = 0; i < 5; i++)
            unit[i, i] = 1;

        float[][] columns = Multiply(packed, unit, 5);

        for (int output = 0; output < 3; output++)
        {
            for (int i = 0; i < 5; i++)
                columns[i][output].Should().Be(levels[output * 5 + i] * factors[output]);
        }
    }

    [Fact]
    public void Fill_RowOfZerosInInt8_IsZero()
    {
        using DisposeScope scope = NewDisposeScope();
        using PackedMatrix packed = new(2, 4, PackedFormat.Int8);
        packed.Fill(0, zeros(2, 4));

        Multiply(packed, Rows(1, 4), 1)[0].Should().OnlyContain(number => number == 0);
    }

    [Fact]
    public void Fill_RowsThatDoNotFit_AreRefused()
    {
        using DisposeScope scope = NewDisposeScope();
        using PackedMatrix packed = new(4, 3, PackedFormat.Float32);

        FluentActions.Invoking(() => packed.Fill(2, zeros(3, 3))).Should().Throw<ArgumentException>().WithMessage("*(3, 3)*from 2 on*4 rows and 3 columns*");
        FluentActions.Invoking(() => packed.Fill(0, zeros(2, 4))).Should().Throw<ArgumentException>().WithMessage("*(2, 4)*");
        FluentActions.Invoking(() => packed.Fill(0, zeros(2, 3, ScalarType.Int8), zeros(2, 1))).Should().Throw<ArgumentException>().WithMessage("*Float32*");
        FluentActions.Invoking(() => packed.AddBias(zeros(3))).Should().Throw<ArgumentException>().WithMessage("*3 numbers for 4 outputs*");
    }

    [Fact]
    public void Dispose_AfterUse_GivesTheMemoryBack()
    {
        PackedMatrix packed = new(64, 100, PackedFormat.Float32);

        packed.Dispose();
        FluentActions.Invoking(() => _ = Address(packed)).Should().Throw<ObjectDisposedException>();

        static unsafe nint Address(PackedMatrix matrix) => (nint)matrix.Elements;
    }

    private static float[,] Rows(int count, int inputs)
    {
        Random random = new(3);
        float[,] rows = new float[count, inputs];
        for (int row = 0; row < count; row++)
        {
            for (int i = 0; i < inputs; i++)
                rows[row, i] = (float)(random.NextDouble() * 2 - 1);
        }
        return rows;
    }

    private static unsafe float[][] Multiply(PackedMatrix matrix, float[,] rows, int count, int first = 0)
    {
        using FloatRows from = new(count, matrix.Inputs), to = new(count, matrix.Outputs);
        for (int row = 0; row < count; row++)
        {
            for (int i = 0; i < matrix.Inputs; i++)
                from.Row(row)[i] = rows[first + row, i];
        }
        for (int panel = 0; panel < matrix.Panels; panel++)
            PackedProduct.Of(matrix, panel, from.Pointer, from.Stride, to.Pointer, to.Stride, count);
        for (int row = 0; row < count; row++)
            new ReadOnlySpan<float>(to.At(row) + to.Width, to.Stride - to.Width).ToArray().Should().NotContain(number => number != 0, "it is padding");
        return [.. Enumerable.Range(0, count).Select(row => to.Row(row).ToArray())];
    }

    private static float[][] Kept(Tensor matrix, PackedFormat format)
    {
        float[][] rows = [.. matrix.data<float>().ToArray().Chunk((int)matrix.shape[1])];
        if (format == PackedFormat.BFloat16)
            return [.. matrix.to(ScalarType.BFloat16).to(ScalarType.Float32).data<float>().ToArray().Chunk((int)matrix.shape[1])];
        if (format == PackedFormat.Float32)
            return rows;
        return [.. rows.Select(row =>
        {
            float factor = row.Max(MathF.Abs) / 127;
            return row.Select(number => MathF.Round(number / factor) * factor).ToArray();
        })];
    }
}
