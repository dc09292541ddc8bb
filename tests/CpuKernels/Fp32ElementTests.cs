using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests;

public sealed unsafe class Fp32ElementTests
{
    private const float Sentinel = 123.25f;

    [Fact]
    public void Load_FewerThanSixteenLeft_ReadsThemAndZeros()
    {
        for (int left = 1; left <= 16; left++)
        {
            using GuardedFloats memory = new(3 + left, 1);

            Vector512<float> loaded = Fp32Element.Load(memory.Pointer, 3, left);

            Vector512.Sum(loaded).Should().Be(left);
            loaded[left - 1].Should().Be(1);
        }
    }

    [Fact]
    public void Store_FewerThanSixteenLeft_WritesNotBehindThem()
    {
        for (int left = 1; left <= 16; left++)
        {
            using GuardedFloats memory = new(3 + left, Sentinel);

            Fp32Element.Store(memory.Pointer, 3, left, Vector512.Create(1f));

            memory.Values[..3].IndexOfAnyExcept(Sentinel).Should().Be(-1);
            memory.Values[3..].IndexOfAnyExcept(1f).Should().Be(-1);
        }
    }
}
