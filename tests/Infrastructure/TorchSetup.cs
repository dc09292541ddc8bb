using System.Runtime.CompilerServices;
using MiniMind.MLNet.Dpo.Modeling.Native;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>One torch thread for the whole test run: on a shared machine more are slower, and sums depend on their number.</summary>
internal static class TorchSetup
{
    [ModuleInitializer]
    internal static void Initialize()
    {
        TorchNativeLibrary.EnsureLoaded();
        torch.set_num_threads(1);
    }
}
