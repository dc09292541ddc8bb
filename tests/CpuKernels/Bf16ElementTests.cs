using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests;

public sealed unsafe class Bf16ElementTests
{
    private const int Patterns = 1 << 16;
    private const ushort Sentinel = 0x1234;

    [Fact]
    public void Load_EveryPattern_IsTorchsConversion()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor halves = empty(Patterns, ScalarType.BFloat16), loaded = empty(Patterns);
        Span<ushort> patterns = new(KernelMemory.Bytes(halves), Patterns);
        for (int i = 0; i < Patterns; i++)
            patterns[i] = (ushort)i;

        for (nint i = 0; i < Patterns; i += 16)
            Bf16Element.Load(KernelMemory.Bytes(halves), i, Patterns - i).Store(KernelMemory.Fp32(loaded) + i);

        Bits(loaded).SequenceEqual(Bits(halves.to(ScalarType.Float32))).Should().BeTrue();
    }

    [Fact]
    public void Store_EveryUpperHalfWithLowerHalvesAroundATie_IsTorchsRounding()
    {
        using DisposeScope scope = NewDisposeScope();
        ushort[] lower = [0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF]; // exact, below, at and above the tie
        Tensor wide = empty(Patterns * lower.Length), stored = empty(wide.shape, ScalarType.BFloat16);
        Span<uint> patterns = new(KernelMemory.Bytes(wide), (int)wide.numel());
        for (int i = 0; i < patterns.Length; i++)
            patterns[i] = ((uint)(i / lower.Length) << 16) | lower[i % lower.Length];

        for (nint i = 0; i < patterns.Length; i += 16)
            Bf16Element.Store(KernelMemory.Bytes(stored), i, patterns.Length - i, Vector512.Load(KernelMemory.Fp32(wide) + i));

        Tensor expected = wide.to(ScalarType.BFloat16);
        ReadOnlySpan<ushort> ours = new(KernelMemory.Bytes(stored), patterns.Length), theirs = new(KernelMemory.Bytes(expected), patterns.Length);
        List<string> different = [];
        for (int i = 0; i < patterns.Length; i++)
        {
            // torch's bits of a NaN depend on where it stands
            bool alike = float.IsNaN(BitConverter.UInt32BitsToSingle(patterns[i])) ? IsNaN(ours[i]) && IsNaN(theirs[i]) : ours[i] == theirs[i];
            if (!alike)
                different.Add($"{patterns[i]:X8}: {ours[i]:X4}, torch's {theirs[i]:X4}");
        }
        different.Should().BeEmpty();
    }

    [Fact]
    public void Load_FewerThanSixteenLeft_ReadsThemAndZeros()
    {
        ushort* memory = stackalloc ushort[32];
        new Span<ushort>(memory, 32).Fill(0x3F80); // one
        for (int left = 1; left <= 16; left++)
        {
            Vector512<float> loaded = Bf16Element.Load(memory, 3, left);

            Vector512.Sum(loaded).Should().Be(left);
            loaded[left - 1].Should().Be(1);
        }
    }

    [Fact]
    public void Store_FewerThanSixteenLeft_WritesNotBehindThem()
    {
        ushort* memory = stackalloc ushort[32];
        Span<ushort> values = new(memory, 32);
        for (int left = 1; left <= 16; left++)
        {
            values.Fill(Sentinel);

            Bf16Element.Store(memory, 3, left, Vector512.Create(1f));

            values[..3].IndexOfAnyExcept(Sentinel).Should().Be(-1);
            values.Slice(3, left).IndexOfAnyExcept((ushort)0x3F80).Should().Be(-1);
            values[(3 + left)..].IndexOfAnyExcept(Sentinel).Should().Be(-1);
        }
    }

    private static ReadOnlySpan<uint> Bits(Tensor tensor) => new(KernelMemory.Bytes(tensor), (int)tensor.numel());

    private static bool IsNaN(ushort bits) => (bits & 0x7FFF) > 0x7F80;
}
