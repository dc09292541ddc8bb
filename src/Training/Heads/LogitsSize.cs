using TorchSharp;

namespace MiniMind.MLNet.Dpo.Training.Heads;

/// <summary>How many logits exist at once where nobody says.</summary>
internal static class LogitsSize
{
    /// <summary>The least that is ever chosen.</summary>
    public const int LeastMegabytes = 28;

    private const int Most = 128, FewestRows = 256;

    /// <summary>The size that is fastest, in MiB.</summary>
    /// <remarks>
    /// glibc maps every block of more than 32 MiB anew, and the system clears its pages each time: logits of 77 MiB take a training step of a small model 3 to
    /// 6 % longer than slices of 24 to 30 MiB.
    /// Slices of few rows would read a large vocabulary's matrix again for each of them.
    /// </remarks>
    public static int FastestMegabytes(int vocabularySize, DeviceType device) => device == DeviceType.CPU
        ? (int)Math.Clamp(((long)FewestRows * vocabularySize * sizeof(float) + (1 << 20) - 1) >> 20, LeastMegabytes, Most)
        : Most;
}
