using System.Runtime.Intrinsics;

namespace MiniMind.MLNet.Dpo.CpuKernels;

/// <summary>An activation of a gate, and its derivative, on a vector.</summary>
internal interface IGateActivation
{
    /// <summary>The activation.</summary>
    static abstract Vector512<float> Of(Vector512<float> value);

    /// <summary>The derivative, and the activation.</summary>
    static abstract Vector512<float> Derivative(Vector512<float> value, out Vector512<float> activated);
}
