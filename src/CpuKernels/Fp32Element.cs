using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>Elements in fp32.</summary>
internal readonly unsafe struct Fp32Element : IElement
{
    public static int Size => sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(void* memory, nint index, nint left)
    {
        float* source = (float*)memory + index;
        return left >= Vector512<float>.Count ? Vector512.Load(source) : LoadRest(source, left);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* memory, nint index, nint left, Vector512<float> values)
    {
        float* target = (float*)memory + index;
        if (left >= Vector512<float>.Count)
            values.Store(target);
        else
            StoreRest(target, left, values);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<float> LoadRest(float* source, nint left)
    {
        Vector512<float> values = default;
        for (int i = 0; i < left; i++)
            ((float*)&values)[i] = source[i];
        return values;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StoreRest(float* target, nint left, Vector512<float> values)
    {
        for (int i = 0; i < left; i++)
            target[i] = ((float*)&values)[i];
    }
}
