using System.Security.Cryptography;
using System.Text;
using MiniMind.MLNet.Dpo.CpuKernels;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.References;

/// <summary>The address of a precomputed reference: a hash of all that its numbers depend on, down to rounding.</summary>
internal static class ReferenceKey
{
    /// <summary>
    /// The SHA-256, in hexadecimal, over the reference's weights, the pairs' token ids, labels and masks in their order, and how they are computed.
    /// </summary>
    /// <param name="reference">The reference.</param>
    /// <param name="pairs">The pairs.</param>
    /// <param name="batchSize">Pairs in one forward pass.</param>
    /// <param name="options">Layout, element type and slices.</param>
    /// <param name="withTails">Whether heads and tails of the responses are summed by themselves.</param>
    public static string Of(MiniMindNetwork reference, IReadOnlyList<PreferenceExample> pairs, int batchSize, BatchOptions options, bool withTails = false)
    {
        BatchOptions relevant = options with { Checkpointing = false, BalanceRealTokensOnly = false }; // they act in training only
        string parts = withTails ? ", heads and tails" : "";
        string computation = FormattableString.Invariant($"{relevant}, sums in fp64, batches of {batchSize}, {get_num_threads()} threads, ") +
            FormattableString.Invariant($"{reference.Device.type}, libtorch {__version__}, {OneDnnProduct.Library}{parts}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Fingerprint.Of(reference)} {Fingerprint.Of(pairs)} {computation}")));
    }
}
