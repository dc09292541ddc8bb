using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>Packed elements in bf16.</summary>
internal readonly unsafe struct PackedBf16 : IPackedElement
{
    public static int Size => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(byte* elements) => Avx512F.IsSupported
        ? (Avx512F.ConvertToVector512Int32(Vector256.Load((ushort*)elements)) << 16).AsSingle()
        : Bf16Element.Load(elements, 0, Vector512<float>.Count);
}
