using System.Globalization;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Bench.ServeSoak;

/// <summary>What the process holds, after its garbage was collected.</summary>
/// <param name="Requests">After how many requests.</param>
/// <param name="Resident">Bytes of memory.</param>
/// <param name="Managed">Bytes of objects.</param>
/// <param name="Tensors">Living tensors.</param>
internal sealed record MemorySample(int Requests, long Resident, long Managed, long Tensors)
{
    private const double Megabyte = 1 << 20;

    public static MemorySample Now(int requests)
    {
        long managed = GC.GetTotalMemory(forceFullCollection: true);
        return new MemorySample(requests, Environment.WorkingSet, managed, torch.Tensor.TotalCount);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Requests,7} requests: {Resident / Megabyte,7:F1} MiB resident, {Managed / Megabyte,6:F1} MiB of objects, {Tensors} tensors");
}
