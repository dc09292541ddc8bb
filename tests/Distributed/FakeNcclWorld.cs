using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Distributed.Tests;

/// <summary>What the fake NCCL libraries of several ranks share.</summary>
internal sealed class FakeNcclWorld(int size) : IDisposable
{
    private readonly SharedMemory _memory = new(size);

    public void Join(int rank, byte[] id, int ranks)
    {
        ranks.Should().Be(size);
        _memory.Exchange(rank, id, ids => ids).Should().AllSatisfy(other => other.Should().Equal(id, "all ranks join with rank 0's id"));
    }

    public unsafe void Sum(int rank, nint buffer, int count)
    {
        float[] sum = _memory.Exchange(rank, new Span<float>((void*)buffer, count).ToArray(),
            all => Enumerable.Range(0, count).Select(i => all.Sum(values => values[i])).ToArray());
        Marshal.Copy(sum, 0, buffer, count);
    }

    public unsafe void Send(int rank, nint buffer, int bytes, int root) =>
        Marshal.Copy(_memory.Exchange(rank, new Span<byte>((void*)buffer, bytes).ToArray(), all => all[root]), 0, buffer, bytes);

    public void Dispose() => _memory.Dispose();
}
