using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Access to the bytes of contiguous CPU tensors of any size.</summary>
internal static unsafe class TensorMemory
{
    /// <summary>The first byte of a contiguous CPU tensor that has elements; valid while the tensor lives.</summary>
    public static byte* Pointer(Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU || !tensor.is_contiguous())
            throw new ArgumentException("Only contiguous tensors on the CPU have plain memory.", nameof(tensor));
        using IDisposable noGradient = no_grad();
        using Tensor flat = tensor.view(-1); // (N)
        using Tensor first = flat.narrow(0, 0, 1); // (1); a span over the whole would fail above 2 GB
        return (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(first.bytes));
    }

    /// <summary>Writes a tensor's elements, converted, to a stream.</summary>
    /// <param name="tensor">Any tensor.</param>
    /// <param name="type">The type to write; see <see cref="ElementTypes.CanConvert"/>.</param>
    /// <param name="stream">Receives the elements in row-major order, little-endian.</param>
    public static void WriteTo(this Tensor tensor, ScalarType type, Stream stream)
    {
        if (tensor.NumberOfElements == 0)
            return;
        using IDisposable noGradient = no_grad();
        using Tensor here = tensor.cpu();
        using Tensor packed = here.contiguous();
        byte* pointer = Pointer(packed);
        int fromSize = ElementTypes.Size(packed.dtype), toSize = ElementTypes.Size(type);
        int step = (1 << 20) / fromSize;
        byte[] buffer = packed.dtype == type ? [] : new byte[step * toSize];
        for (long done = 0, total = packed.NumberOfElements; done < total; done += step)
        {
            int count = (int)Math.Min(step, total - done);
            ReadOnlySpan<byte> source = new(pointer + (done * fromSize), count * fromSize);
            if (packed.dtype == type)
            {
                stream.Write(source);
                continue;
            }
            Span<byte> converted = buffer.AsSpan(0, count * toSize);
            ElementConversion.Convert(source, packed.dtype, converted, type);
            stream.Write(converted);
        }
    }
}
