using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>How products read the elements of a packed matrix, sixteen at a time, as fp32.</summary>
internal unsafe interface IPackedElement
{
    /// <summary>Bytes of an element.</summary>
    static abstract int Size { get; }

    /// <summary>Reads the sixteen elements that begin at an address.</summary>
    static abstract Vector512<float> Load(byte* elements);
}
