using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.Modeling.Native;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>Functions that the loaded libtorch, or a library that it brings, exports beyond what TorchSharp wraps.</summary>
internal static class TorchLibrary
{
    private static readonly Lazy<nint> s_handle = new(() =>
    {
        TorchNativeLibrary.EnsureLoaded();
        return NativeLibrary.TryLoad("torch_cpu", typeof(torch).Assembly, null, out nint handle)
            || NativeLibrary.TryLoad("torch_cpu", typeof(TorchLibrary).Assembly, null, out handle) ? handle : 0;
    });

    /// <summary>Whether it is of the release that TorchSharp is built for, so that its C++ interface is known.</summary>
    public static bool Fits => s_handle.Value != 0 && TorchRelease.Of(s_handle.Value) is { Fits: true };

    /// <summary>Looks a function up.</summary>
    public static bool TryGetExport(string name, out nint address)
    {
        address = 0;
        return s_handle.Value != 0 && NativeLibrary.TryGetExport(s_handle.Value, name, out address);
    }
}
