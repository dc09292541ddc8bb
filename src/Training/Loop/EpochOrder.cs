using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>The order of the examples in an epoch: a function of seed and epoch alone, so that a resumed run finds its place.</summary>
internal static class EpochOrder
{
    /// <summary>The permutation that torch.randperm gives after manual_seed(seed + epoch), which is MiniMind's; or the given order.</summary>
    public static int[] Of(int count, long seed, int epoch, bool shuffle)
    {
        if (!shuffle)
            return [.. Enumerable.Range(0, count)];
        using DisposeScope scope = NewDisposeScope();
        using Generator random = new((ulong)(seed + epoch));
        return [.. randperm(count, generator: random).data<long>().Select(i => (int)i)];
    }
}
