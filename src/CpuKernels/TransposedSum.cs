using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>Adds a matrix to another one's transpose, tile by tile, so that both stay in the nearest cache.</summary>
internal static unsafe class TransposedSum
{
    private const int Tile = 16;

    /// <summary>Adds.</summary>
    /// <param name="target">(N, M), fp32, contiguous, added to.</param>
    /// <param name="source">(M, N), fp32, contiguous.</param>
    public static void AddTo(Tensor target, Tensor source)
    {
        float* to = KernelMemory.Fp32(target), from = KernelMemory.Fp32(source);
        nint rows = (nint)target.shape[0], columns = (nint)target.shape[1];
        HostThreads.Rows(rows, 4 * Tile, (_, first, end) => Add(to, from, rows, columns, (nint)first, (nint)end));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(float* to, float* from, nint rows, nint columns, nint first, nint end)
    {
        float* line = stackalloc float[Tile];
        for (nint column = 0; column < columns; column += Tile)
        {
            nint left = columns - column, count = Math.Min(Tile, left);
            for (nint row = first; row < end; row++)
            {
                for (nint i = 0; i < count; i++)
                    line[i] = from[(column + i) * rows + row];
                float* place = to + row * columns;
                Fp32Element.Store(place, column, left, Fp32Element.Load(place, column, left) + Vector512.Load(line));
            }
        }
    }
}
