using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>Packed elements in int8, before they are multiplied by their output's factor.</summary>
internal readonly unsafe struct PackedInt8 : IPackedElement
{
    public static int Size => sizeof(sbyte);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(byte* elements) => Vector512.ConvertToSingle(Widen(Vector128.Load((sbyte*)elements)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Widen(Vector128<sbyte> levels)
    {
        if (Avx512F.IsSupported)
            return Avx512F.ConvertToVector512Int32(levels);
        (Vector128<short> lower, Vector128<short> upper) = Vector128.Widen(levels);
        (Vector128<int> first, Vector128<int> second) = Vector128.Widen(lower);
        (Vector128<int> third, Vector128<int> fourth) = Vector128.Widen(upper);
        return Vector512.Create(Vector256.Create(first, second), Vector256.Create(third, fourth));
    }
}
