using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.CpuKernels.Attention;

/// <summary>Multiplies tiles of eight rows and three vectors of sixteen columns, in fp32, with all 24 sums held in registers.</summary>
internal static unsafe class WideTile
{
    /// <summary>Does what <see cref="Tile.Multiply"/> does, for three vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* a, nint rowStep, nint lastRow, nint depthStep, float* b, nint bStep, float* c, nint cStep,
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
        Vector512<float> s00 = default, s01 = default, s02 = default;
        Vector512<float> s10 = default, s11 = default, s12 = default;
        Vector512<float> s20 = default, s21 = default, s22 = default;
        Vector512<float> s30 = default, s31 = default, s32 = default;
        Vector512<float> s40 = default, s41 = default, s42 = default;
        Vector512<float> s50 = default, s51 = default, s52 = default;
        Vector512<float> s60 = default, s61 = default, s62 = default;
        Vector512<float> s70 = default, s71 = default, s72 = default;
        if (accumulate)
        {
            float* from = c;
            s00 = Vector512.Load(from);
            s01 = Vector512.Load(from + 16);
            s02 = Vector512.Load(from + 32);
            from += cStep;
            s10 = Vector512.Load(from);
            s11 = Vector512.Load(from + 16);
            s12 = Vector512.Load(from + 32);
            from += cStep;
            s20 = Vector512.Load(from);
            s21 = Vector512.Load(from + 16);
            s22 = Vector512.Load(from + 32);
            from += cStep;
            s30 = Vector512.Load(from);
            s31 = Vector512.Load(from + 16);
            s32 = Vector512.Load(from + 32);
            from += cStep;
            s40 = Vector512.Load(from);
            s41 = Vector512.Load(from + 16);
            s42 = Vector512.Load(from + 32);
            from += cStep;
            s50 = Vector512.Load(from);
            s51 = Vector512.Load(from + 16);
            s52 = Vector512.Load(from + 32);
            from += cStep;
            s60 = Vector512.Load(from);
            s61 = Vector512.Load(from + 16);
            s62 = Vector512.Load(from + 32);
            from += cStep;
            s70 = Vector512.Load(from);
            s71 = Vector512.Load(from + 16);
            s72 = Vector512.Load(from + 32);
        }

        for (nint at = 0; depth > 0; depth--)
        {
            Vector512<float> b0 = Vector512.Load(b);
            Vector512<float> b1 = Vector512.Load(b + 16);
            Vector512<float> b2 = Vector512.Load(b + 32);
            Vector512<float> x0 = Vector512.Create(a0[at]);
            s00 = Vector512.FusedMultiplyAdd(x0, b0, s00);
            s01 = Vector512.FusedMultiplyAdd(x0, b1, s01);
            s02 = Vector512.FusedMultiplyAdd(x0, b2, s02);
            Vector512<float> x1 = Vector512.Create(a1[at]);
            s10 = Vector512.FusedMultiplyAdd(x1, b0, s10);
            s11 = Vector512.FusedMultiplyAdd(x1, b1, s11);
            s12 = Vector512.FusedMultiplyAdd(x1, b2, s12);
            Vector512<float> x2 = Vector512.Create(a2[at]);
            s20 = Vector512.FusedMultiplyAdd(x2, b0, s20);
            s21 = Vector512.FusedMultiplyAdd(x2, b1, s21);
            s22 = Vector512.FusedMultiplyAdd(x2, b2, s22);
            Vector512<float> x3 = Vector512.Create(a3[at]);
            s30 = Vector512.FusedMultiplyAdd(x3, b0, s30);
            s31 = Vector512.FusedMultiplyAdd(x3, b1, s31);
            s32 = Vector512.FusedMultiplyAdd(x3, b2, s32);
            Vector512<float> x4 = Vector512.Create(a4[at]);
            s40 = Vector512.FusedMultiplyAdd(x4, b0, s40);
            s41 = Vector512.FusedMultiplyAdd(x4, b1, s41);
            s42 = Vector512.FusedMultiplyAdd(x4, b2, s42);
            Vector512<float> x5 = Vector512.Create(a5[at]);
            s50 = Vector512.FusedMultiplyAdd(x5, b0, s50);
            s51 = Vector512.FusedMultiplyAdd(x5, b1, s51);
            s52 = Vector512.FusedMultiplyAdd(x5, b2, s52);
            Vector512<float> x6 = Vector512.Create(a6[at]);
            s60 = Vector512.FusedMultiplyAdd(x6, b0, s60);
            s61 = Vector512.FusedMultiplyAdd(x6, b1, s61);
            s62 = Vector512.FusedMultiplyAdd(x6, b2, s62);
            Vector512<float> x7 = Vector512.Create(a7[at]);
            s70 = Vector512.FusedMultiplyAdd(x7, b0, s70);
            s71 = Vector512.FusedMultiplyAdd(x7, b1, s71);
            s72 = Vector512.FusedMultiplyAdd(x7, b2, s72);
            b += bStep;
            at += depthStep;
        }

        s00.Store(c);
        s01.Store(c + 16);
        s02.Store(c + 32);
        c += cStep;
        s10.Store(c);
        s11.Store(c + 16);
        s12.Store(c + 32);
        c += cStep;
        s20.Store(c);
        s21.Store(c + 16);
        s22.Store(c + 32);
        c += cStep;
        s30.Store(c);
        s31.Store(c + 16);
        s32.Store(c + 32);
        c += cStep;
        s40.Store(c);
        s41.Store(c + 16);
        s42.Store(c + 32);
        c += cStep;
        s50.Store(c);
        s51.Store(c + 16);
        s52.Store(c + 32);
        c += cStep;
        s60.Store(c);
        s61.Store(c + 16);
        s62.Store(c + 32);
        c += cStep;
        s70.Store(c);
        s71.Store(c + 16);
        s72.Store(c + 32);
    }
}
