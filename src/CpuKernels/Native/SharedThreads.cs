using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>How many threads libtorch's operations take, for a while, where only the whole process has a number: see <see cref="CallerThreads"/>.</summary>
/// <remarks>
/// While several are wanted, the one that was asked for last rules for threads that use libtorch for the first time and for matrix products; each thread keeps
/// its own for the rest.
/// In the end both the process's number and that of each thread that asked are as before; a thread that asked for nothing and used libtorch for the first time
/// meanwhile keeps what it took.
/// To be disposed on the same thread.
/// </remarks>
public sealed class SharedThreads : IDisposable
{
    // what a thread gets that has none yet is the process's number, and setting it on a thread of its own leaves all others theirs
    private static readonly ProcessSetting<int> s_process = new(
        () => OnFreshThread(get_num_threads), threads => OnFreshThread(() => Set(threads)), wanted => wanted[^1]);

    [ThreadStatic]
    private static int s_depth;

    private readonly int _before;
    private readonly IDisposable _process;
    private bool _ended;

    /// <summary>Sets the number.</summary>
    /// <param name="threads">At least 1.</param>
    public SharedThreads(int threads)
    {
        int own = get_num_threads();
        _before = s_depth++ > 0 ? own : s_process.BehindRuling(own); // what it has just taken over from another run is not its own
        _process = s_process.Want(threads);
        set_num_threads(threads);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_ended)
            return;
        _ended = true;
        s_depth--;
        set_num_threads(_before); // sets the process's too, which the next line puts right
        _process.Dispose();
    }

    private static int Set(int threads)
    {
        set_num_threads(threads);
        return threads;
    }

    private static int OnFreshThread(Func<int> function)
    {
        int result = 0;
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                result = function();
            }
            catch (Exception fault)
            {
                failure = fault;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? result : throw failure;
    }
}
