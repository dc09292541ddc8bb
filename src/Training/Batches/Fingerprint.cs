using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Training.Batches;

/// <summary>SHA-256 of what a run is made of, in hexadecimal: other content has another one.</summary>
internal static class Fingerprint
{
    /// <summary>Of a network: shape, and names and values of all parameters.</summary>
    public static string Of(MiniMindNetwork network) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Named(network))));

    /// <summary>Of a network for messages: the SHA-256 that its <c>model.safetensors</c> has, and its shape; that of its adapter, where it has one, and the
    /// format of its weights, where it is none of a file.</summary>
    public static string Named(MiniMindNetwork network) =>
        $"SHA-256 {WeightHash.Sha256(network)} {JsonSerializer.Serialize(network.Config)}" +
        (network.Format == FrozenFormat.Float32 ? "" : $", weights in {network.Format}") +
        (network.Adapter is { } adapter ? $", adapter SHA-256 {WeightHash.Sha256(adapter)}" : "");

    /// <summary>Of pairs in their order: token ids, labels and masks of both sides.</summary>
    public static string Of(IEnumerable<PreferenceExample> pairs) => Of(pairs.SelectMany(pair => new[] { pair.Chosen, pair.Rejected }));

    /// <summary>Of the weights and offsets of pairs in their order, as a continuation of a text; empty where there are none.</summary>
    public static string OfNumbers(IReadOnlyList<PreferenceExample> pairs)
    {
        if (pairs.All(pair => pair is { Weight: 1, Offset: 0 }))
            return "";
        double[] numbers = [.. pairs.SelectMany(pair => new[] { pair.Weight, pair.Offset })];
        return $", weights and margins {Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(numbers.AsSpan())))}";
    }

    /// <summary>Of the weights of conversations in their order, the same.</summary>
    public static string OfNumbers(IReadOnlyList<Response> conversations)
    {
        if (!PairWeights.AreGiven(conversations))
            return "";
        double[] weights = [.. conversations.Select(conversation => conversation.Weight)];
        return $", weights {Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(weights.AsSpan())))}";
    }

    /// <summary>Of answers in their order: token ids, labels and masks, and the verdicts.</summary>
    public static string Of(IReadOnlyCollection<FeedbackExample> rows) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes($"{Of(rows.Select(row => row.Response))} {string.Concat(rows.Select(row => row.IsGood ? '1' : '0'))}")));

    /// <summary>Of responses in their order: token ids, labels and masks.</summary>
    public static string Of(IEnumerable<Response> responses)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Response response in responses)
        {
            hash.AppendData(MemoryMarshal.AsBytes([response.InputIds.Length]));
            hash.AppendData(MemoryMarshal.AsBytes(response.InputIds.AsSpan()));
            hash.AppendData(MemoryMarshal.AsBytes(response.Labels.AsSpan()));
            hash.AppendData(response.LossMask);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
