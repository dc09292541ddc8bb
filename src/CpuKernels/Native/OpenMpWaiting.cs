namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>How long libtorch's threads on Linux (GNU OpenMP's) wait for each other busily before they sleep.</summary>
/// <remarks>
/// By itself libgomp has a thread try 300,000 times, some ten milliseconds, at the end of each operation. That is nothing on an idle machine; where another
/// process, a container's quota or the app's own threads keep one of them from running, the others burn the very time that it waits for: two small trainings
/// took 100 s instead of 7 on two busy processors, and looked as if they hung. libgomp itself takes 1,000 where it has more threads than there are processors.
/// It reads the variable when it is loaded and has no other switch.
/// </remarks>
internal static class OpenMpWaiting
{
    private const string Tries = "GOMP_SPINCOUNT";

    /// <summary>Sets the number of tries, unless the environment says something; to be called before libtorch is loaded.</summary>
    public static void Limit()
    {
        if (OperatingSystem.IsLinux() && !NativeEnvironment.SaysAnyOf(Tries, "OMP_WAIT_POLICY"))
            NativeEnvironment.Set(Tries, "1000");
    }
}
