using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>Keeps signals off a thread while it runs code that must not be interrupted on its own stack.</summary>
/// <remarks>
/// oneDNN's fp32 kernels for AVX-512 move the stack pointer onto a buffer of the heap where a product's inner dimension is long (<c>mov(rsp, ARG_WS)</c> in its
/// jit_avx512_common_gemm_f32). A signal that the thread handles meanwhile writes its frame below that buffer, over whatever lies there: of 50 runs that ended
/// by SIGTERM, four died of <c>corrupted size vs. prev_size</c>. The end of a child (SIGCHLD) and another size of the terminal (SIGWINCH) are signals just as
/// well, and so are the runtime's own when it collects. A blocked signal goes to another thread, or comes when the thread is done. Faults of the thread itself
/// are never blocked.
/// </remarks>
internal static unsafe partial class SignalShield
{
    private const int Block = 0, Replace = 2; // SIG_BLOCK and SIG_SETMASK of Linux
    private const int FirstOfRuntime = 32; // real-time signals; .NET stops threads for a collection with one of them

    // SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS
    private static ReadOnlySpan<int> Faults => [4, 5, 6, 7, 8, 11, 31];

    private static readonly SignalSet s_all = Signals(64), s_withoutRuntime = Signals(FirstOfRuntime - 1);

    [ThreadStatic]
    private static bool s_forGood;

    /// <summary>Blocks signals on the calling thread.</summary>
    /// <returns>What <see cref="Leave"/> takes.</returns>
    public static SignalSet Enter()
    {
        SignalSet blocked = s_all, before;
        ThreadMask(Block, &blocked, &before);
        return before;
    }

    /// <summary>Goes back to the signals of before.</summary>
    public static void Leave(SignalSet before) => ThreadMask(Replace, &before, null);

    /// <summary>Blocks signals on a thread that does nothing but compute, for good; those of the runtime still come, since it may run managed code.</summary>
    public static void BlockForGood()
    {
        if (s_forGood)
            return;
        s_forGood = true;
        SignalSet blocked = s_withoutRuntime;
        ThreadMask(Block, &blocked, null);
    }

    private static SignalSet Signals(int last)
    {
        SignalSet signals = default;
        for (int signal = 1; signal <= last; signal++)
        {
            if (!Faults.Contains(signal))
                signals.Add(signal);
        }
        return signals;
    }

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    [SuppressGCTransition]
    private static partial int ThreadMask(int how, SignalSet* signals, SignalSet* before);
}
