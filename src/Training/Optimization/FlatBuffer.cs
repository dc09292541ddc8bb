using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>A flat fp32 tensor, zero at first, with the memory under it open to vector code where it lies on the CPU.</summary>
internal sealed class FlatBuffer : IDisposable
{
    /// <summary>Every slice starts at a multiple of this many elements: 64 bytes, the alignment torch gives its own tensors, and one 512-bit vector.</summary>
    public const int Alignment = 16;

    private readonly unsafe float* _memory;

    /// <summary>Allocates the buffer.</summary>
    /// <param name="length">Its number of elements, a multiple of <see cref="Alignment"/>.</param>
    /// <param name="device">Where it lies.</param>
    public unsafe FlatBuffer(long length, Device device)
    {
        Tensor = empty(length, dtype: ScalarType.Float32, device: device).DetachFromDisposeScope();
        if (device.type == DeviceType.CPU)
        {
            using Tensor head = Tensor.narrow(0, 0, 1); // the whole may be longer than a span can say
            _memory = (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(head.bytes));
            LargePages.Advise(_memory, length * sizeof(float));
        }
        Tensor.FillInPlace(0);
    }

    /// <summary>The buffer as a tensor, fp32, one dimension; owned by this object.</summary>
    public Tensor Tensor { get; }

    /// <summary>The next multiple of <see cref="Alignment"/>.</summary>
    public static long RoundUp(long length) => (length + Alignment - 1) / Alignment * Alignment;

    /// <summary>A range as vectors over the CPU's memory; valid as long as this object is alive.</summary>
    /// <param name="range">A range within the buffer; at most 2^31 - 1 elements.</param>
    public unsafe Span<Vector512<float>> Vectors(FlatRange range) =>
        new(_memory + range.Start, checked((int)range.Length) / Alignment);

    /// <inheritdoc />
    public void Dispose() => Tensor.Dispose();
}
