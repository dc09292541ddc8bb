namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>The variables of the environment that say which native libraries are taken.</summary>
internal static class TorchVariables
{
    /// <summary>The folder of libtorch's libraries.</summary>
    public const string Home = "MINIMIND_TORCH_HOME";

    /// <summary>The file of TorchSharp's native library.</summary>
    public const string Library = "MINIMIND_TORCHSHARP_LIBRARY";

    /// <summary>Set in the process that tries the two: the file that it writes its verdict to.</summary>
    public const string SelfTest = "MINIMIND_TORCH_SELF_TEST";
}
