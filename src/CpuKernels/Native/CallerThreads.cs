using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>How many threads libtorch's operations take that the current thread calls, for a while; those of other threads are left alone.</summary>
/// <remarks>
/// OpenMP and MKL have a number of each calling thread beside that of the process; <c>torch.set_num_threads</c> changes both, and what another thread takes
/// over from the process stays with it.
/// On CUDA builds and other systems libraries may not have these functions: see <see cref="SharedThreads"/>. To be disposed on the same thread.
/// </remarks>
public sealed unsafe class CallerThreads : IDisposable
{
    private static readonly nint s_openMp = Find("omp_set_num_threads"), s_mkl = Find("MKL_Set_Num_Threads_Local");
    private static readonly nint s_readDynamic = Find("mkl_serv_get_dynamic"), s_setDynamic = Find("MKL_Set_Dynamic");

    // MKL by itself takes at most a thread for each core; with this off, the number that it is told
    private static readonly ProcessSetting<int> s_dynamic = new(
        () => ((delegate* unmanaged[Cdecl]<int>)s_readDynamic)(), value => ((delegate* unmanaged[Cdecl]<int, void>)s_setDynamic)(value), wanted => wanted[^1]);

    private readonly int _before, _mklBefore;
    private readonly IDisposable _dynamic;
    private bool _ended;

    /// <summary>Sets the current thread's number.</summary>
    /// <param name="threads">At least 1.</param>
    public CallerThreads(int threads)
    {
        _before = get_num_threads(); // the first call on a thread also takes the process's number over, which must not come later
        _dynamic = s_dynamic.Want(0);
        SetOpenMp(threads);
        _mklBefore = SetMkl(threads);
    }

    /// <summary>Whether this process's libtorch has such numbers.</summary>
    public static bool Available => s_openMp != 0 && s_mkl != 0 && s_readDynamic != 0 && s_setDynamic != 0;

    /// <inheritdoc />
    public void Dispose()
    {
        if (_ended)
            return;
        _ended = true;
        SetOpenMp(_before);
        SetMkl(_mklBefore);
        _dynamic.Dispose();
    }

    private static void SetOpenMp(int threads) => ((delegate* unmanaged[Cdecl]<int, void>)s_openMp)(threads);

    /// <summary>Sets MKL's number of the current thread, 0 for none of its own.</summary>
    /// <returns>The number before.</returns>
    private static int SetMkl(int threads) => ((delegate* unmanaged[Cdecl]<int, int>)s_mkl)(threads);

    private static nint Find(string name) => OperatingSystem.IsLinux() && TorchLibrary.TryGetExport(name, out nint address) ? address : 0;
}
