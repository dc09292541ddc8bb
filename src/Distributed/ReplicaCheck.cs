using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Distributed;

/// <summary>Verifies that all ranks hold the same weights, bit for bit.</summary>
/// <remarks>Data parallel training sums gradients and never exchanges weights: ranks that start apart stay apart, and nothing else would say so.</remarks>
public static class ReplicaCheck
{
    /// <summary>Compares a SHA-256 of every tensor over the ranks.</summary>
    /// <param name="communicator">Connects the ranks; all of them call this.</param>
    /// <param name="weights">Name and tensor, any dtype and device, in the same order on all ranks. The caller keeps owning them.</param>
    /// <exception cref="InvalidOperationException">They differ, on every rank with the same text: which tensor, between which ranks.</exception>
    public static void RequireIdentical(ICommunicator communicator, IEnumerable<(string Name, Tensor Value)> weights)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        ArgumentNullException.ThrowIfNull(weights);
        if (communicator.Size == 1)
            return;
        (string Name, byte[] Hash)[] own = [.. weights.Select(weight => (weight.Name, Hash(weight.Name, weight.Value)))];
        byte[][] ranks = communicator.AllGather(own.SelectMany(weight => weight.Hash).ToArray());
        for (int rank = 1; rank < ranks.Length; rank++)
        {
            if (ranks[rank].Length != ranks[0].Length)
            {
                throw new InvalidOperationException(
                    $"The ranks hold different models: rank 0 has {ranks[0].Length / SHA256.HashSizeInBytes} tensors, rank {rank} has " +
                        $"{ranks[rank].Length / SHA256.HashSizeInBytes}. All ranks must load the same model.");
            }
        }
        for (int i = 0; i < own.Length; i++)
        {
            Range range = (i * SHA256.HashSizeInBytes)..((i + 1) * SHA256.HashSizeInBytes);
            for (int rank = 1; rank < ranks.Length; rank++)
            {
                if (!ranks[rank].AsSpan(range).SequenceEqual(ranks[0].AsSpan(range)))
                {
                    throw new InvalidOperationException(
                        $"The ranks hold different weights: '{own[i].Name}' (tensor {i + 1} of {own.Length}) has SHA-256 {Short(ranks[0][range])} on rank 0 " +
                            $"and {Short(ranks[rank][range])} on rank {rank}. " +
                        "All ranks must start from the same model and take the same steps.");
                }
            }
        }
    }

    /// <summary>The SHA-256 over name, dtype, shape and elements.</summary>
    internal static unsafe byte[] Hash(string name, Tensor tensor)
    {
        const int piece = 1 << 30;
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{name} {tensor.dtype} [{string.Join(',', tensor.shape)}]"));
        using Tensor local = tensor.detach();
        using Tensor host = local.cpu();
        using Tensor flat = host.contiguous();
        nint address = TensorBuffer.Address(flat);
        long bytes = TensorBuffer.ByteCount(flat);
        for (long done = 0; done < bytes; done += piece)
            hash.AppendData(new ReadOnlySpan<byte>((byte*)address + done, (int)Math.Min(piece, bytes - done)));
        return hash.GetHashAndReset();
    }

    private static string Short(byte[] hash) => Convert.ToHexStringLower(hash)[..12];
}
