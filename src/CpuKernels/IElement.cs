using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>How kernels read and write elements of a tensor's memory, sixteen at a time, as fp32.</summary>
internal unsafe interface IElement
{
    /// <summary>Bytes of an element.</summary>
    static abstract int Size { get; }

    /// <summary>Reads sixteen elements from an index on, or as many as are left, zeros behind them.</summary>
    static abstract Vector512<float> Load(void* memory, nint index, nint left);

    /// <summary>Writes sixteen elements from an index on, or as many as are left.</summary>
    static abstract void Store(void* memory, nint index, nint left, Vector512<float> values);
}
