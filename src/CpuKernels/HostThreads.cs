using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>Divides a kernel's work over the threads that libtorch's own operations run on.</summary>
/// <remarks>
/// libtorch's threads (GNU OpenMP's) stay awake for a while after each operation, and threads of the runtime's pool would have to share the processors with
/// them.
/// Where libtorch brings another OpenMP, the runtime's pool does the work. Results do not depend on who does which part.
/// </remarks>
public static unsafe class HostThreads
{
    private static readonly nint s_parallel = Find();

    /// <summary>Runs all parts, on as many threads as libtorch uses, and returns when the last is done.</summary>
    /// <param name="parts">How many there are; they must not depend on each other.</param>
    /// <param name="body">Gets the part's number.</param>
    public static void Run(int parts, Action<int> body) => Run(parts, get_num_threads(), (part, _) => body(part));

    /// <summary>The same with the number of the thread, from 0 to <paramref name="threads"/> - 1, for memory of its own.</summary>
    public static void Run(int parts, int threads, Action<int, int> body)
    {
        threads = Math.Min(threads, parts);
        if (threads <= 1)
        {
            for (int part = 0; part < parts; part++)
                body(part, 0);
            return;
        }
        Work work = new(parts, body);
        if (s_parallel == 0)
        {
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => work.Drain());
        }
        else
        {
            GCHandle handle = GCHandle.Alloc(work);
            try
            {
                ((delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<nint, void>, nint, uint, uint, void>)s_parallel)(
                    &Enter, GCHandle.ToIntPtr(handle), (uint)threads, 0);
            }
            finally
            {
                handle.Free();
            }
        }
        if (work.Failure is { } failure)
            throw new InvalidOperationException("A kernel failed.", failure);
    }

    /// <summary>Runs a range of rows in blocks of a fixed size, so that sums over a block do not depend on the number of threads.</summary>
    /// <param name="rows">How many rows there are.</param>
    /// <param name="block">Rows of a block; the last may have fewer.</param>
    /// <param name="body">Gets the block's number, its first row and the row behind its last.</param>
    internal static void Rows(long rows, int block, Action<int, long, long> body) =>
        Run(Blocks(rows, block), part => body(part, (long)part * block, Math.Min(rows, (long)(part + 1) * block)));

    /// <summary>How many blocks rows make.</summary>
    internal static int Blocks(long rows, int block) => checked((int)((rows + block - 1) / block));

    /// <summary>Has each of libtorch's other threads that work for the calling one take no signals from now on; see <see cref="SignalShield"/>.</summary>
    /// <param name="threads">How many threads there are, the calling one included.</param>
    internal static void ShieldWorkers(int threads)
    {
        if (threads <= 1 || s_parallel == 0)
            return;
        ((delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<nint, void>, nint, uint, uint, void>)s_parallel)(
            &Shield, Environment.CurrentManagedThreadId, (uint)threads, 0);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Shield(nint caller)
    {
        if (Environment.CurrentManagedThreadId != caller)
            SignalShield.BlockForGood();
    }

    private static nint Find() =>
        OperatingSystem.IsLinux() && TorchLibrary.TryGetExport("GOMP_parallel", out nint address) ? address : 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Enter(nint handle) => ((Work)GCHandle.FromIntPtr(handle).Target!).Drain();

    private sealed class Work(int parts, Action<int, int> body)
    {
        private int _next = -1, _threads = -1;

        public Exception? Failure { get; private set; }

        /// <summary>Takes parts until none is left; never throws, since native code calls it.</summary>
        public void Drain()
        {
            try
            {
                int thread = Interlocked.Increment(ref _threads);
                for (int part; (part = Interlocked.Increment(ref _next)) < parts;)
                    body(part, thread);
            }
            catch (Exception failure)
            {
                Failure = failure;
            }
        }
    }
}
