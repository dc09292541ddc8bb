using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>The native memory of a tensor, for libraries that take pointers.</summary>
internal static class TensorMemory
{
    /// <summary>How many bytes the elements take.</summary>
    public static long ByteCount(Tensor tensor) => tensor.NumberOfElements * tensor.ElementSize;

    /// <summary>Refuses a tensor whose elements do not lie one after the other.</summary>
    public static void RequireContiguous(Tensor tensor)
    {
        if (!tensor.is_contiguous())
            throw new ArgumentException(
                $"The tensor has shape [{string.Join(", ", tensor.shape)}] and strides [{string.Join(", ", tensor.stride())}]; it must be contiguous (call contiguous() first).",
                nameof(tensor));
    }

    /// <summary>Refuses a gradient buffer that cannot be summed.</summary>
    public static void RequireFloat(Tensor flat)
    {
        if (flat.dtype != ScalarType.Float32)
            throw new ArgumentException($"The tensor is {flat.dtype}; gradients are summed in Float32.", nameof(flat));
    }
}
