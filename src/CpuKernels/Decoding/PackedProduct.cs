using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>Rows times one panel of a packed matrix.</summary>
/// <remarks>
/// Each number is one sum over the inputs in their order, whatever other rows there are: a row's product has the same bits alone and among others.
/// Four rows at a time share what is read of the matrix; further ones find it in the core's cache.
/// </remarks>
internal static unsafe class PackedProduct
{
    private const int Vector = 16; // numbers

    /// <summary>Computes a panel's outputs of some rows.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="panel">The panel's index.</param>
    /// <param name="from">The first row that is multiplied.</param>
    /// <param name="fromStride">From one row to the next, in numbers.</param>
    /// <param name="to">The first row of the product; the panel's outputs are written where they belong.</param>
    /// <param name="toStride">From one row to the next, in numbers.</param>
    /// <param name="rows">How many rows.</param>
    public static void Of(PackedMatrix matrix, int panel, float* from, nint fromStride, float* to, nint toStride, int rows)
    {
        nint first = (nint)panel * PackedMatrix.PanelWidth;
        float* factors = matrix.Factors is { } own ? own.Pointer + first : null, bias = matrix.Bias is { } added ? added.Pointer + first : null;
        byte* elements = matrix.Panel(panel);
        if (matrix.Format == PackedFormat.Float32)
            Of<PackedFp32>(elements, matrix.Inputs, factors, bias, from, fromStride, to + first, toStride, rows);
        else if (matrix.Format == PackedFormat.BFloat16)
            Of<PackedBf16>(elements, matrix.Inputs, factors, bias, from, fromStride, to + first, toStride, rows);
        else
            Of<PackedInt8>(elements, matrix.Inputs, factors, bias, from, fromStride, to + first, toStride, rows);
    }

    private static void Of<T>(
        byte* panel, nint inputs, float* factors, float* bias, float* from, nint fromStride, float* to, nint toStride, int rows)
        where T : struct, IPackedElement
    {
        int row = 0;
        for (; row + 4 <= rows; row += 4)
            Four<T>(panel, inputs, factors, bias, from + row * fromStride, fromStride, to + row * toStride, toStride);
        if (row + 2 <= rows)
        {
            Two<T>(panel, inputs, factors, bias, from + row * fromStride, fromStride, to + row * toStride, toStride);
            row += 2;
        }
        if (row < rows)
            One<T>(panel, inputs, factors, bias, from + row * fromStride, to + row * toStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One<T>(byte* panel, nint inputs, float* factors, float* bias, float* from, float* to) where T : struct, IPackedElement
    {
        Vector512<float> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        float* end = from + inputs;
        for (; from < end; from++, panel += PackedMatrix.PanelWidth * T.Size)
        {
            Vector512<float> factor = Vector512.Create(*from);
            sum0 = Vector512.FusedMultiplyAdd(T.Load(panel), factor, sum0);
            sum1 = Vector512.FusedMultiplyAdd(T.Load(panel + Vector * T.Size), factor, sum1);
            sum2 = Vector512.FusedMultiplyAdd(T.Load(panel + 2 * Vector * T.Size), factor, sum2);
            sum3 = Vector512.FusedMultiplyAdd(T.Load(panel + 3 * Vector * T.Size), factor, sum3);
        }
        Store(to, factors, bias, sum0, sum1, sum2, sum3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Two<T>(byte* panel, nint inputs, float* factors, float* bias, float* from, nint fromStride, float* to, nint toStride)
        where T : struct, IPackedElement
    {
        Vector512<float> first0 = default, first1 = default, first2 = default, first3 = default;
        Vector512<float> second0 = default, second1 = default, second2 = default, second3 = default;
        float* end = from + inputs;
        for (; from < end; from++, panel += PackedMatrix.PanelWidth * T.Size)
        {
            Vector512<float> left = T.Load(panel), middle = T.Load(panel + Vector * T.Size), right = T.Load(panel + 2 * Vector * T.Size),
                last = T.Load(panel + 3 * Vector * T.Size);
            Vector512<float> factor = Vector512.Create(from[0]);
            first0 = Vector512.FusedMultiplyAdd(left, factor, first0);
            first1 = Vector512.FusedMultiplyAdd(middle, factor, first1);
            first2 = Vector512.FusedMultiplyAdd(right, factor, first2);
            first3 = Vector512.FusedMultiplyAdd(last, factor, first3);
            factor = Vector512.Create(from[fromStride]);
            second0 = Vector512.FusedMultiplyAdd(left, factor, second0);
            second1 = Vector512.FusedMultiplyAdd(middle, factor, second1);
            second2 = Vector512.FusedMultiplyAdd(right, factor, second2);
            second3 = Vector512.FusedMultiplyAdd(last, factor, second3);
        }
        Store(to, factors, bias, first0, first1, first2, first3);
        Store(to + toStride, factors, bias, second0, second1, second2, second3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<T>(byte* panel, nint inputs, float* factors, float* bias, float* from, nint fromStride, float* to, nint toStride)
        where T : struct, IPackedElement
    {
        Vector512<float> first0 = default, first1 = default, first2 = default, first3 = default;
        Vector512<float> second0 = default, second1 = default, second2 = default, second3 = default;
        Vector512<float> third0 = default, third1 = default, third2 = default, third3 = default;
        Vector512<float> fourth0 = default, fourth1 = default, fourth2 = default, fourth3 = default;
        float* end = from + inputs, second = from + fromStride, third = second + fromStride, fourth = third + fromStride;
        for (; from < end; from++, second++, third++, fourth++, panel += PackedMatrix.PanelWidth * T.Size)
        {
            Vector512<float> left = T.Load(panel), middle = T.Load(panel + Vector * T.Size), right = T.Load(panel + 2 * Vector * T.Size),
                last = T.Load(panel + 3 * Vector * T.Size);
            Vector512<float> factor = Vector512.Create(*from);
            first0 = Vector512.FusedMultiplyAdd(left, factor, first0);
            first1 = Vector512.FusedMultiplyAdd(middle, factor, first1);
            first2 = Vector512.FusedMultiplyAdd(right, factor, first2);
            first3 = Vector512.FusedMultiplyAdd(last, factor, first3);
            factor = Vector512.Create(*second);
            second0 = Vector512.FusedMultiplyAdd(left, factor, second0);
            second1 = Vector512.FusedMultiplyAdd(middle, factor, second1);
            second2 = Vector512.FusedMultiplyAdd(right, factor, second2);
            second3 = Vector512.FusedMultiplyAdd(last, factor, second3);
            factor = Vector512.Create(*third);
            third0 = Vector512.FusedMultiplyAdd(left, factor, third0);
            third1 = Vector512.FusedMultiplyAdd(middle, factor, third1);
            third2 = Vector512.FusedMultiplyAdd(right, factor, third2);
            third3 = Vector512.FusedMultiplyAdd(last, factor, third3);
            factor = Vector512.Create(*fourth);
            fourth0 = Vector512.FusedMultiplyAdd(left, factor, fourth0);
            fourth1 = Vector512.FusedMultiplyAdd(middle, factor, fourth1);
            fourth2 = Vector512.FusedMultiplyAdd(right, factor, fourth2);
            fourth3 = Vector512.FusedMultiplyAdd(last, factor, fourth3);
        }
        Store(to, factors, bias, first0, first1, first2, first3);
        Store(to + toStride, factors, bias, second0, second1, second2, second3);
        Store(to + 2 * toStride, factors, bias, third0, third1, third2, third3);
        Store(to + 3 * toStride, factors, bias, fourth0, fourth1, fourth2, fourth3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(
        float* to, float* factors, float* bias, Vector512<float> sum0, Vector512<float> sum1, Vector512<float> sum2, Vector512<float> sum3)
    {
        if (factors is not null)
        {
            sum0 *= Vector512.Load(factors);
            sum1 *= Vector512.Load(factors + Vector);
            sum2 *= Vector512.Load(factors + 2 * Vector);
            sum3 *= Vector512.Load(factors + 3 * Vector);
        }
        if (bias is not null)
        {
            sum0 += Vector512.Load(bias);
            sum1 += Vector512.Load(bias + Vector);
            sum2 += Vector512.Load(bias + 2 * Vector);
            sum3 += Vector512.Load(bias + 3 * Vector);
        }
        sum0.Store(to);
        sum1.Store(to + Vector);
        sum2.Store(to + 2 * Vector);
        sum3.Store(to + 3 * Vector);
    }
}
