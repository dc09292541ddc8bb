using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>Packed elements in fp32.</summary>
internal readonly unsafe struct PackedFp32 : IPackedElement
{
    public static int Size => sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(byte* elements) => Vector512.Load((float*)elements);
}
