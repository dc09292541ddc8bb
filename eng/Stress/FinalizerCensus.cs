using System.Runtime.CompilerServices;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Stress;

/// <summary>
/// Counts the tensors whose native memory a finalizer has freed: TorchSharp counts disposals by thread, and finalizers have a thread of their own.
/// </summary>
public static class FinalizerCensus
{
    private static long s_count;

    /// <summary>
    /// How many there were in this process so far, after a full collection; one that it leaves itself shows that it sees them, and is not counted.
    /// </summary>
    /// <exception cref="InvalidOperationException">It does not see them.</exception>
    public static long Count()
    {
        long before = Counted();
        LeaveTensor();
        long after = Counted();
        return after == before + 1 ? before : throw new InvalidOperationException(
            $"A tensor was left to the finalizer, and the count went from {before} to {after}.");
    }

    private static long Counted()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        LeaveCounter();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Interlocked.Read(ref s_count);
    }

    // not inlined, so that no register of the caller holds them
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LeaveCounter() => _ = new Counter();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LeaveTensor() => _ = torch.zeros(1);

    private sealed class Counter
    {
        ~Counter() => Interlocked.Exchange(ref s_count,
            DisposeScopeManager.Statistics.DisposedInScopeCount + DisposeScopeManager.Statistics.DisposedOutsideScopeCount);
    }
}
