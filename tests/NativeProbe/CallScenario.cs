using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling.Native;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.NativeProbe;

/// <summary>Calls an operation of libtorch that cannot be, which libtorch tells the error stream about at length.</summary>
internal static class CallScenario
{
    public static int Run(string operation)
    {
        TorchNativeLibrary.EnsureLoaded();
        try
        {
            LibtorchCall.Invoke(operation, "", 1, LibtorchValue.Of(torch.zeros(1)));
            return 0;
        }
        catch (ExternalException refused)
        {
            Console.WriteLine(refused.Message);
            return 1;
        }
    }
}
