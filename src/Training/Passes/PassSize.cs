using MiniMind.MLNet.Dpo.Modeling;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Training.Passes;

/// <summary>How many rows one forward pass takes outside of training.</summary>
internal static class PassSize
{
    private const long LargestTensor = 24 << 20; // bytes; glibc maps blocks of 32 MiB and more anew, and the system clears their pages each time

    /// <summary>The most rows, so that no tensor of a layer is mapped anew in every pass; 0 for no limit.</summary>
    /// <remarks>A training run keeps its blocks, so it need not divide its batches.</remarks>
    public static long MostRows(ModelConfig config, DeviceType device) =>
        device == DeviceType.CPU ? Math.Max(1, LargestTensor / sizeof(float) / Math.Max(
            config.IntermediateSize, Math.Max(config.HiddenSize, config.HeadCount * config.HeadDim))) : 0;
}
