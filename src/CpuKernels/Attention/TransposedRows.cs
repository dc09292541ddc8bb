using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MiniMind.MLNet.Dpo.CpuKernels.Attention;

/// <summary>Turns a block of up to 48 rows on its side, so that each row becomes one lane of three fp32 vectors.</summary>
internal static unsafe class TransposedRows
{
    /// <summary>The rows of a block, which is also the step in elements from one packed line to the next.</summary>
    public const int Count = 48;

    /// <summary>The lanes of a vector.</summary>
    public const int Group = 16;

    /// <summary>The floats of working memory that <see cref="Pack"/> needs.</summary>
    public const int Scratch = 2 * Group * Group;

    /// <summary>Writes packed[d * 48 + r] = factor * source[r * stride + d].</summary>
    /// <param name="source">(rows, D).</param>
    /// <param name="stride">Elements from one row to the next.</param>
    /// <param name="rows">Up to 48.</param>
    /// <param name="dim">D, a multiple of 16.</param>
    /// <param name="factor">What every element is multiplied by.</param>
    /// <param name="packed">(D, 48), with zeros in the lanes from the rows up to the next multiple of 16.</param>
    /// <param name="scratch"><see cref="Scratch"/> floats.</param>
    public static void Pack(float* source, nint stride, int rows, int dim, float factor, float* packed, float* scratch)
    {
        for (int first = 0; first < rows; first += Group)
        {
            int count = Math.Min(Group, rows - first);
            for (int column = 0; column < dim; column += Group)
            {
                float* from = source + first * stride + column;
                float* to = packed + (nint)column * Count + first;
                if (Avx512F.IsSupported)
                    TransposeVectors(from, stride, count, factor, to, scratch);
                else
                    TransposeElements(from, stride, count, factor, to);
            }
        }
    }

    // Interleaving the upper with the lower eight rows four times rotates the eight bits of (row, column) by half: a transposition.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposeVectors(float* from, nint stride, int count, float factor, float* to, float* scratch)
    {
        Vector512<float> scale = Vector512.Create(factor);
        float* other = scratch + Group * Group;
        for (int row = 0; row < Group / 2; row++)
        {
            Vector512<float> upper = row < count ? Vector512.Load(from + row * stride) * scale : default;
            Vector512<float> lower = row + 8 < count ? Vector512.Load(from + (row + 8) * stride) * scale : default;
            Interleave(upper, lower, scratch + 2 * row * Group, Group);
        }

        InterleaveAll(scratch, other, Group);
        InterleaveAll(other, scratch, Group);
        InterleaveAll(scratch, to, Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InterleaveAll(float* from, float* to, int step)
    {
        for (int row = 0; row < Group / 2; row++)
            Interleave(Vector512.Load(from + row * Group), Vector512.Load(from + (row + 8) * Group), to + 2 * row * step, step);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Interleave(Vector512<float> upper, Vector512<float> lower, float* to, int step)
    {
        Vector512<int> firstHalves = Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        Vector512<int> secondHalves = Vector512.Create(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
        Avx512F.PermuteVar16x32x2(upper, firstHalves, lower).Store(to);
        Avx512F.PermuteVar16x32x2(upper, secondHalves, lower).Store(to + step);
    }

    private static void TransposeElements(float* from, nint stride, int count, float factor, float* to)
    {
        for (int column = 0; column < Group; column++)
        {
            for (int row = 0; row < Group; row++)
                to[column * Count + row] = row < count ? factor * from[row * stride + column] : 0f;
        }
    }
}
