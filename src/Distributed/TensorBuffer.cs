using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>The native memory of a tensor, for libraries that take pointers.</summary>
internal static partial class TensorBuffer
{
    /// <summary>How many bytes the elements take.</summary>
    public static long ByteCount(Tensor tensor) => tensor.NumberOfElements * tensor.ElementSize;

    /// <summary>Refuses a tensor whose elements do not lie one after the other.</summary>
    public static void RequireContiguous(Tensor tensor)
    {
        if (!tensor.is_contiguous())
        {
            throw new ArgumentException(
                $"The tensor has shape [{string.Join(", ", tensor.shape)}] and strides [{string.Join(", ", tensor.stride())}]; it must be contiguous (call " +
                    "contiguous() first).",
                nameof(tensor));
        }
    }

    /// <summary>Refuses a gradient buffer that cannot be summed.</summary>
    public static void RequireFloat(Tensor flat)
    {
        if (flat.dtype != ScalarType.Float32)
            throw new ArgumentException($"The tensor is {flat.dtype}; gradients are summed in Float32.", nameof(flat));
    }

    /// <summary>The address of a contiguous tensor's first element, on the tensor's device; it is good as long as the tensor's storage lives.</summary>
    public static nint Address(Tensor tensor)
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
