using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>Elements in bfloat16: the upper half of an fp32 number, rounded to the nearest, ties to even.</summary>
internal readonly unsafe struct Bf16Element : IElement
{
    private const uint NotANumber = 0x7FC0_0000;

    public static int Size => sizeof(ushort);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(void* memory, nint index, nint left)
    {
        ushort* source = (ushort*)memory + index;
        Vector256<ushort> halves = left >= Vector256<ushort>.Count ? Vector256.Load(source) : LoadRest(source, left);
        return (Vector512.Create(Vector256.WidenLower(halves), Vector256.WidenUpper(halves)) << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(void* memory, nint index, nint left, Vector512<float> values)
    {
        ushort* target = (ushort*)memory + index;
        Vector512<uint> bits = values.AsUInt32();
        Vector512<uint> rounded = bits + Vector512.Create(0x7FFFu) + ((bits >>> 16) & Vector512<uint>.One);
        Vector512<uint> high = Vector512.ConditionalSelect(Vector512.Equals(values, values).AsUInt32(), rounded, Vector512.Create(NotANumber)) >>> 16;
        Vector256<ushort> halves = Avx512F.IsSupported ? Avx512F.ConvertToVector256UInt16(high) : Vector256.Narrow(high.GetLower(), high.GetUpper());
        if (left >= Vector256<ushort>.Count)
            halves.Store(target);
        else
            StoreRest(target, left, halves);
    }

    /// <summary>One number in bf16.</summary>
    internal static ushort Round(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((float.IsNaN(value) ? NotANumber : bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector256<ushort> LoadRest(ushort* source, nint left)
    {
        Vector256<ushort> values = default;
        for (int i = 0; i < left; i++)
            ((ushort*)&values)[i] = source[i];
        return values;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StoreRest(ushort* target, nint left, Vector256<ushort> values)
    {
        for (int i = 0; i < left; i++)
            target[i] = ((ushort*)&values)[i];
    }
}
