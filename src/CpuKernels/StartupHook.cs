using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling.Native;

/// <summary>What .NET calls before an app's own code in the process that <see cref="TorchSelfTestProcess"/> starts; the name is .NET's.</summary>
internal static class StartupHook
{
    /// <summary>Tests, writes what it found, and ends the process.</summary>
    public static void Initialize()
    {
        if (!TorchSelfTestProcess.IsThis)
            return;
        string? fault;
        try
        {
            TorchNativeLibrary.EnsureLoaded();
            fault = TorchSelfTest.Run();
        }
        catch (DllNotFoundException missing)
        {
            fault = missing.Message;
        }
        File.WriteAllText(Environment.GetEnvironmentVariable(TorchVariables.SelfTest)!, fault ?? TorchSelfTestProcess.Good);
        Environment.Exit(0);
    }
}
