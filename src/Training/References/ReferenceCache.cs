using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Training.References;

/// <summary>Precomputed references in files that are named by their <see cref="ReferenceKey"/>.</summary>
/// <remarks>
/// A file is: 8 bytes of format, the key, the number of pairs as int64, fp64 sums of the chosen sides, those of the rejected sides, and the SHA-256 of all
/// before.
/// </remarks>
/// <param name="folder">Where the files are; made if it is not there.</param>
/// <param name="warn">Told of files that are damaged or cannot be read or written; training does not depend on them.</param>
internal sealed class ReferenceCache(string folder, Action<string> warn)
{
    private static ReadOnlySpan<byte> Format => "MMREFLP2"u8;

    private static ReadOnlySpan<byte> EarlierFormat => "MMREFLP1"u8; // with sums of fp32

    /// <summary>The file of a key.</summary>
    public string PathOf(string key) => Path.Combine(folder, key + ".reference");

    /// <summary>Reads the numbers, or computes and keeps them. Of several processes rank 0 reads and writes, and all get the same.</summary>
    /// <param name="key">Their address; rank 0's counts.</param>
    /// <param name="count">How many pairs there are.</param>
    /// <param name="communicator">Connects the processes that train together.</param>
    /// <param name="compute">Runs the reference, on all ranks; called only where there is no valid file.</param>
    public PrecomputedReference GetOrCompute(string key, int count, ICommunicator communicator, Func<PrecomputedReference> compute)
    {
        string path = PathOf(key);
        PrecomputedReference? kept = communicator.Rank == 0 ? Read(path, key, count) : null;
        double[] chosen = kept?.Chosen.ToArray() ?? new double[count], rejected = kept?.Rejected.ToArray() ?? new double[count];
        byte[] found = [kept is null ? (byte)0 : (byte)1];
        communicator.Broadcast(found, root: 0);
        if (found[0] != 0)
        {
            communicator.Broadcast(MemoryMarshal.AsBytes(chosen.AsSpan()), root: 0);
            communicator.Broadcast(MemoryMarshal.AsBytes(rejected.AsSpan()), root: 0);
            return new PrecomputedReference(chosen, rejected);
        }
        PrecomputedReference computed = compute();
        if (communicator.Rank == 0)
            Write(path, key, computed);
        return computed;
    }

    private void Write(string path, string key, PrecomputedReference computed)
    {
        try
        {
            Directory.CreateDirectory(folder);
            byte[] bytes = Bytes(key, computed);
            AtomicFileSet.WriteOne(path, stream => stream.Write(bytes));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            warn($"The reference's log-probabilities could not be kept in '{path}': {failure.Message} Training goes on with those in memory.");
        }
    }

    private PrecomputedReference? Read(string path, string key, int count)
    {
        if (!Path.Exists(path))
            return null;
        try
        {
            byte[] head = Head(key, count);
            int sums = count * sizeof(double), body = head.Length + 2 * sums;
            ReadOnlySpan<byte> bytes = RegularFile.ReadAllBytes(path, body + SHA256.HashSizeInBytes);
            if (bytes.Length == body + SHA256.HashSizeInBytes && bytes.StartsWith(head) && SHA256.HashData(bytes[..body]).AsSpan().SequenceEqual(bytes[body..]))
            {
                return new PrecomputedReference(
                    MemoryMarshal.Cast<byte, double>(bytes.Slice(head.Length, sums)).ToArray(), MemoryMarshal.Cast<byte,
                        double>(bytes.Slice(head.Length + sums, sums)).ToArray());
            }

            warn(bytes.StartsWith(EarlierFormat)
                ? $"'{path}' is of an earlier version. The reference's log-probabilities are computed again."
                : $"'{path}' is damaged: its {bytes.Length} bytes are not those that were written. The reference's log-probabilities are computed again.");
        }
        catch (InvalidDataException failure)
        {
            warn($"'{path}' is damaged: {failure.Message} The reference's log-probabilities are computed again.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            warn($"'{path}' cannot be read: {failure.Message} The reference's log-probabilities are computed again.");
        }
        return null;
    }

    private static byte[] Bytes(string key, PrecomputedReference reference)
    {
        byte[] body =
        [
            .. Head(key, reference.Chosen.Count), .. MemoryMarshal.AsBytes(reference.Chosen.ToArray().AsSpan()),
                .. MemoryMarshal.AsBytes(reference.Rejected.ToArray().AsSpan()),
        ];
        return [.. body, .. SHA256.HashData(body)];
    }

    private static byte[] Head(string key, long count) => [.. Format, .. Convert.FromHexString(key), .. BitConverter.GetBytes(count)];
}
