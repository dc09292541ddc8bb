using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>Where a tensor's elements lie.</summary>
internal static partial class TensorAddress
{
    /// <summary>The address of a contiguous tensor's first element, on the tensor's device; it is good as long as the tensor's storage lives.</summary>
    public static nint Of(Tensor tensor)
    {
        int error = DataPointer(tensor.Handle, out nint address);
        GC.KeepAlive(tensor); // until here: libtorch has only its address
        return error == 0 ? address : throw new InvalidOperationException(
            $"libtorch gives no address for a {tensor.dtype} tensor on {tensor.device} (code {error}).");
    }

    // TorchSharp gives typed storages and spans of at most 2 GB; this is libtorch's stable C interface
    [LibraryImport("torch_cpu", EntryPoint = "aoti_torch_get_data_ptr")]
    private static partial int DataPointer(nint tensor, out nint address);
}
