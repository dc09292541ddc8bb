using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.CpuKernels.Attention;

/// <summary>Multiplies tiles of eight rows and up to three vectors of sixteen columns, in fp32, with every sum held in a register.</summary>
internal static unsafe class Tile
{
    /// <summary>The rows of a tile.</summary>
    public const int Rows = 8;

    /// <summary>Chooses how many vectors, 1 to 3, the next tile takes, so that no narrow tile is left over needlessly.</summary>
    /// <param name="remaining">How many are left.</param>
    public static int Width(int remaining) => remaining is 2 or 4 ? 2 : Math.Min(remaining, 3);

    /// <summary>Stores, or adds, c[r, :] = sum over k below depth of a[r * rowStep + k * depthStep] * b[k * bStep + :] for eight rows r.</summary>
    /// <remarks>Steps are in elements.</remarks>
    /// <param name="vectors">Vectors of sixteen columns, 1 to 3.</param>
    /// <param name="a">The left factor.</param>
    /// <param name="rowStep">From one of its rows to the next.</param>
    /// <param name="lastRow">Its last row; the tile's rows past it repeat it.</param>
    /// <param name="depthStep">From one of its columns to the next.</param>
    /// <param name="b">The right factor.</param>
    /// <param name="bStep">From one of its rows to the next.</param>
    /// <param name="c">The product.</param>
    /// <param name="cStep">From one of its rows to the next.</param>
    /// <param name="depth">Columns of the left factor, and rows of the right one.</param>
    /// <param name="accumulate">Whether to add.</param>
    public static void Multiply(int vectors, float* a, nint rowStep, nint lastRow, nint depthStep, float* b, nint bStep, float* c,
        nint cStep, nint depth, bool accumulate)
    {
        switch (vectors)
        {
            case 1: Multiply1(a, rowStep, lastRow, depthStep, b, bStep, c, cStep, depth, accumulate); break;
            case 2: Multiply2(a, rowStep, lastRow, depthStep, b, bStep, c, cStep, depth, accumulate); break;
            default: WideTile.Multiply(a, rowStep, lastRow, depthStep, b, bStep, c, cStep, depth, accumulate); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply2(float* a, nint rowStep, nint lastRow, nint depthStep, float* b, nint bStep, float* c, nint cStep,
        nint depth, bool accumulate)
    {
        float* a0 = a;
        float* a1 = a + Math.Min(1, lastRow) * rowStep;
        float* a2 = a + Math.Min(2, lastRow) * rowStep;
        float* a3 = a + Math.Min(3, lastRow) * rowStep;
        float* a4 = a + Math.Min(4, lastRow) * rowStep;
        float* a5 = a + Math.Min(5, lastRow) * rowStep;
        float* a6 = a + Math.Min(6, lastRow) * rowStep;
        float* a7 = a + Math.Min(7, lastRow) * rowStep;
        Vector512<float> s00 = default, s01 = default;
        Vector512<float> s10 = default, s11 = default;
        Vector512<float> s20 = default, s21 = default;
        Vector512<float> s30 = default, s31 = default;
        Vector512<float> s40 = default, s41 = default;
        Vector512<float> s50 = default, s51 = default;
        Vector512<float> s60 = default, s61 = default;
        Vector512<float> s70 = default, s71 = default;
        if (accumulate)
        {
            float* from = c;
            s00 = Vector512.Load(from);
            s01 = Vector512.Load(from + 16);
            from += cStep;
            s10 = Vector512.Load(from);
            s11 = Vector512.Load(from + 16);
            from += cStep;
            s20 = Vector512.Load(from);
            s21 = Vector512.Load(from + 16);
            from += cStep;
            s30 = Vector512.Load(from);
            s31 = Vector512.Load(from + 16);
            from += cStep;
            s40 = Vector512.Load(from);
            s41 = Vector512.Load(from + 16);
            from += cStep;
            s50 = Vector512.Load(from);
            s51 = Vector512.Load(from + 16);
            from += cStep;
            s60 = Vector512.Load(from);
            s61 = Vector512.Load(from + 16);
            from += cStep;
            s70 = Vector512.Load(from);
            s71 = Vector512.Load(from + 16);
        }

        for (nint at = 0; depth > 0; depth--)
        {
            Vector512<float> b0 = Vector512.Load(b);
            Vector512<float> b1 = Vector512.Load(b + 16);
            Vector512<float> x0 = Vector512.Create(a0[at]);
            s00 = Vector512.FusedMultiplyAdd(x0, b0, s00);
            s01 = Vector512.FusedMultiplyAdd(x0, b1, s01);
            Vector512<float> x1 = Vector512.Create(a1[at]);
            s10 = Vector512.FusedMultiplyAdd(x1, b0, s10);
            s11 = Vector512.FusedMultiplyAdd(x1, b1, s11);
            Vector512<float> x2 = Vector512.Create(a2[at]);
            s20 = Vector512.FusedMultiplyAdd(x2, b0, s20);
            s21 = Vector512.FusedMultiplyAdd(x2, b1, s21);
            Vector512<float> x3 = Vector512.Create(a3[at]);
            s30 = Vector512.FusedMultiplyAdd(x3, b0, s30);
            s31 = Vector512.FusedMultiplyAdd(x3, b1, s31);
            Vector512<float> x4 = Vector512.Create(a4[at]);
            s40 = Vector512.FusedMultiplyAdd(x4, b0, s40);
            s41 = Vector512.FusedMultiplyAdd(x4, b1, s41);
            Vector512<float> x5 = Vector512.Create(a5[at]);
            s50 = Vector512.FusedMultiplyAdd(x5, b0, s50);
            s51 = Vector512.FusedMultiplyAdd(x5, b1, s51);
            Vector512<float> x6 = Vector512.Create(a6[at]);
            s60 = Vector512.FusedMultiplyAdd(x6, b0, s60);
            s61 = Vector512.FusedMultiplyAdd(x6, b1, s61);
            Vector512<float> x7 = Vector512.Create(a7[at]);
            s70 = Vector512.FusedMultiplyAdd(x7, b0, s70);
            s71 = Vector512.FusedMultiplyAdd(x7, b1, s71);
            b += bStep;
            at += depthStep;
        }

        s00.Store(c);
        s01.Store(c + 16);
        c += cStep;
        s10.Store(c);
        s11.Store(c + 16);
        c += cStep;
        s20.Store(c);
        s21.Store(c + 16);
        c += cStep;
        s30.Store(c);
        s31.Store(c + 16);
        c += cStep;
        s40.Store(c);
        s41.Store(c + 16);
        c += cStep;
        s50.Store(c);
        s51.Store(c + 16);
        c += cStep;
        s60.Store(c);
        s61.Store(c + 16);
        c += cStep;
        s70.Store(c);
        s71.Store(c + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Multiply1(float* a, nint rowStep, nint lastRow, nint depthStep, float* b, nint bStep, float* c, nint cStep,
        nint depth, bool accumulate)
    {
        float* a0 = a;
        float* a1 = a + Math.Min(1, lastRow) * rowStep;
        float* a2 = a + Math.Min(2, lastRow) * rowStep;
        float* a3 = a + Math.Min(3, lastRow) * rowStep;
        float* a4 = a + Math.Min(4, lastRow) * rowStep;
        float* a5 = a + Math.Min(5, lastRow) * rowStep;
        float* a6 = a + Math.Min(6, lastRow) * rowStep;
        float* a7 = a + Math.Min(7, lastRow) * rowStep;
        Vector512<float> s00 = default;
        Vector512<float> s10 = default;
        Vector512<float> s20 = default;
        Vector512<float> s30 = default;
        Vector512<float> s40 = default;
        Vector512<float> s50 = default;
        Vector512<float> s60 = default;
        Vector512<float> s70 = default;
        if (accumulate)
        {
            float* from = c;
            s00 = Vector512.Load(from);
            from += cStep;
            s10 = Vector512.Load(from);
            from += cStep;
            s20 = Vector512.Load(from);
            from += cStep;
            s30 = Vector512.Load(from);
            from += cStep;
            s40 = Vector512.Load(from);
            from += cStep;
            s50 = Vector512.Load(from);
            from += cStep;
            s60 = Vector512.Load(from);
            from += cStep;
            s70 = Vector512.Load(from);
        }

        for (nint at = 0; depth > 0; depth--)
        {
            Vector512<float> b0 = Vector512.Load(b);
            Vector512<float> x0 = Vector512.Create(a0[at]);
            s00 = Vector512.FusedMultiplyAdd(x0, b0, s00);
            Vector512<float> x1 = Vector512.Create(a1[at]);
            s10 = Vector512.FusedMultiplyAdd(x1, b0, s10);
            Vector512<float> x2 = Vector512.Create(a2[at]);
            s20 = Vector512.FusedMultiplyAdd(x2, b0, s20);
            Vector512<float> x3 = Vector512.Create(a3[at]);
            s30 = Vector512.FusedMultiplyAdd(x3, b0, s30);
            Vector512<float> x4 = Vector512.Create(a4[at]);
            s40 = Vector512.FusedMultiplyAdd(x4, b0, s40);
            Vector512<float> x5 = Vector512.Create(a5[at]);
            s50 = Vector512.FusedMultiplyAdd(x5, b0, s50);
            Vector512<float> x6 = Vector512.Create(a6[at]);
            s60 = Vector512.FusedMultiplyAdd(x6, b0, s60);
            Vector512<float> x7 = Vector512.Create(a7[at]);
            s70 = Vector512.FusedMultiplyAdd(x7, b0, s70);
            b += bStep;
            at += depthStep;
        }

        s00.Store(c);
        c += cStep;
        s10.Store(c);
        c += cStep;
        s20.Store(c);
        c += cStep;
        s30.Store(c);
        c += cStep;
        s40.Store(c);
        c += cStep;
        s50.Store(c);
        c += cStep;
        s60.Store(c);
        c += cStep;
        s70.Store(c);
    }
}
