using System.Runtime.CompilerServices;
using MiniMind.MLNet.Dpo.Modeling.Native;

namespace MiniMind.MLNet.Dpo.Modeling;

/// <summary>Sets the hook that finds libtorch as soon as an app uses any type of the library; the hook's own assembly is loaded later, or never.</summary>
internal static class LibtorchHook
{
#pragma warning disable CA2255 // it must be in place before the first use of TorchSharp, which the user's own code may cause
    [ModuleInitializer]
    internal static void Set() => RuntimeHelpers.RunModuleConstructor(typeof(TorchNativeLibrary).Module.ModuleHandle);
#pragma warning restore CA2255
}
