using MiniMind.MLNet.Dpo.CpuKernels.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Modeling.Attention;

/// <summary>What is added to attention's scores where each row sees itself and a number of rows before it.</summary>
internal static class WindowBias
{
    /// <summary>Zero where the last rows of a sequence may look, minus infinity elsewhere.</summary>
    /// <param name="rows">T, the sequence's last rows, which look.</param>
    /// <param name="length">S, all its rows.</param>
    /// <param name="window">How many rows, itself the last, each may see; 0 for all.</param>
    /// <param name="type">The element type.</param>
    /// <param name="device">Where.</param>
    /// <returns>(T, S), in the caller's scope.</returns>
    public static Tensor Of(long rows, long length, int window, ScalarType type, Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        long before = length - rows;
        Tensor bias = ScalarOperations.Full([rows, length], float.NegativeInfinity, type, device).triu_(before + 1); // (T, S)
        if (window > 0)
            bias = bias.Add(ScalarOperations.Full([rows, length], float.NegativeInfinity, type, device).tril_(before - window)); // (T, S)
        return bias.MoveToOuterDisposeScope();
    }
}
