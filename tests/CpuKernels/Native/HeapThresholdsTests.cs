using MiniMind.MLNet.Dpo.CpuKernels.Native;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Native;

public sealed class HeapThresholdsTests
{
    private const int Kilobyte = 1 << 10, Megabyte = 1 << 20;

    [Theory]
    [InlineData("", 32 * Megabyte, 64 * Megabyte)]
    [InlineData("MALLOC_MMAP_THRESHOLD_=65536", 64 * Kilobyte, 128 * Kilobyte)]
    [InlineData("MALLOC_TRIM_THRESHOLD_=1048576", 128 * Kilobyte, Megabyte)]
    [InlineData("MALLOC_TOP_PAD_=4096", 128 * Kilobyte, 128 * Kilobyte)]
    [InlineData("MALLOC_ARENA_MAX=2", 32 * Megabyte, 64 * Megabyte)]
    [InlineData("GLIBC_TUNABLES=glibc.malloc.mmap_threshold=0x10000:glibc.malloc.trim_threshold=4294967296", 64 * Kilobyte, int.MaxValue)]
    [InlineData("GLIBC_TUNABLES=glibc.malloc.mmap_max=9", 128 * Kilobyte, 128 * Kilobyte)]
    [InlineData("GLIBC_TUNABLES=glibc.malloc.mmap_threshold=4096 MALLOC_MMAP_THRESHOLD_=8192", 4 * Kilobyte, 128 * Kilobyte)]
    [InlineData("MALLOC_MMAP_THRESHOLD_=67108864", 32 * Megabyte, 64 * Megabyte)]
    [InlineData("MALLOC_MMAP_THRESHOLD_=much", 32 * Megabyte, 64 * Megabyte)]
    public void Of_Environment_IsWhatGlibcWasTold(string environment, int map, int trim)
    {
        Dictionary<string, string> variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .ToDictionary(variable => variable[..variable.IndexOf('=')], variable => variable[(variable.IndexOf('=') + 1)..]);

        HeapThresholds.Of(variables.GetValueOrDefault).Should().Be(new HeapThresholds(map, trim));
    }
}
