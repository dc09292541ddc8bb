using System.Runtime.CompilerServices;
using MiniMind.MLNet.Dpo.Modeling.Native;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>
/// One torch thread for the whole test run: on a shared machine more are slower, and sums depend on their number. Warnings stay out of the console.
/// </summary>
internal static class TorchSetup
{
    [ModuleInitializer]
    internal static void Initialize()
    {
        AppContext.SetSwitch("MiniMind.MLNet.Dpo.ConsoleWarnings", false); // many tests train what deserves a warning
        TorchNativeLibrary.EnsureLoaded();
        torch.set_num_threads(1);
    }
}
