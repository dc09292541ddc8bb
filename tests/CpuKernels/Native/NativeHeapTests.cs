using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.CpuKernels.Native;

namespace MiniMind.MLNet.Dpo.CpuKernels.Tests.Native;

/// <summary>Watches the process's heap, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(NativeHeapTests), DisableParallelization = true)]
[Collection(nameof(NativeHeapTests))]
public sealed unsafe class NativeHeapTests
{
    private const int Blocks = 8;

    [Theory]
    [InlineData("K+ K-", "KeepBlocks Usual")]
    [InlineData("R+ R-", "ReturnBlocks Usual")]
    [InlineData("K+ R+ K- R-", "KeepBlocks ReturnBlocks ReturnBlocks Usual")]
    [InlineData("K+ R+ R- K-", "KeepBlocks ReturnBlocks KeepBlocks Usual")]
    [InlineData("R+ K+ R- K-", "ReturnBlocks ReturnBlocks KeepBlocks Usual")]
    public void Mode_RunsThatBeginAndEndInAnyOrder_IsThatOfLeastMemoryAndTheUsualOneInTheEnd(string order, string modes)
    {
        Dictionary<char, NativeHeap> running = [];
        List<HeapMode> seen = [];
        foreach (string step in order.Split(' '))
        {
            if (step[1] == '+')
                running[step[0]] = new NativeHeap(keepBlocks: step[0] == 'K');
            else
                running[step[0]].Dispose();
            seen.Add(NativeHeap.Mode);
        }

        string.Join(' ', seen).Should().Be(modes);
    }

    [SkippableFact]
    public void ReturnBlocks_WhileItLasts_MapsLargeBlocks()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "mallinfo2", out _), "glibc only");
        using (new NativeHeap(keepBlocks: true))
            MappedBlocks().Should().Be(0, "blocks are kept");
        using (new NativeHeap(keepBlocks: false))
            MappedBlocks().Should().BeGreaterThan(Blocks / 2, "a mapped block goes back as soon as it is freed; some may fit into gaps of the heap");
        MappedBlocks().Should().Be(0, "it has ended");
    }

    /// <summary>How many of several blocks, smaller than what glibc ever keeps, it maps.</summary>
    private static int MappedBlocks()
    {
        nuint before = mallinfo2().MappedBlocks;
        nint[] blocks = [.. Enumerable.Range(0, Blocks).Select(_ => (nint)NativeMemory.Alloc(24 << 20))];
        nuint after = mallinfo2().MappedBlocks;
        foreach (nint block in blocks)
            NativeMemory.Free((void*)block);
        return (int)(after - before);
    }

    [DllImport("libc")]
    private static extern MallocInfo mallinfo2();

    /// <summary><c>struct mallinfo2</c> of malloc.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MallocInfo
    {
        public nuint Arena, FreeChunks, FastChunks, MappedBlocks, MappedBytes, Unused, FastBytes, UsedBytes, FreeBytes, TopBytes;
    }
}
