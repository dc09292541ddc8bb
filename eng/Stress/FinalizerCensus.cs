using TorchSharp;

namespace MiniMind.MLNet.Dpo.Stress;

/// <summary>Counts the tensors whose native memory a finalizer has freed: TorchSharp counts disposals by thread, and finalizers have a thread of their own.</summary>
public static class FinalizerCensus
{
    private static long s_count;

    /// <summary>How many there were in this process so far, after a full collection.</summary>
    public static long Count()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Leave();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Interlocked.Read(ref s_count);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Leave() => _ = new Counter();

    private sealed class Counter
    {
        ~Counter() => Interlocked.Exchange(ref s_count, DisposeScopeManager.Statistics.DisposedInScopeCount + DisposeScopeManager.Statistics.DisposedOutsideScopeCount);
    }
}
