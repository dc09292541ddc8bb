using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Identifies a model's weights.</summary>
internal static class WeightHash
{
    /// <summary>SHA-256 of the <c>model.safetensors</c> that saving the network in fp32 gives, so that <c>sha256sum</c> tells whether a file is it.</summary>
    /// <remarks>
    /// A network that is saved in several files is hashed as if it went into one. An adapter is not in it, see <see cref="Sha256(LowRankAdapter)"/>.
    /// Of weights in another format those are hashed as they are kept, with the factors of their rows.
    /// </remarks>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    public static string Sha256(MiniMindNetwork network)
    {
        Dictionary<string, Tensor> parameters = network.named_parameters().ToDictionary(p => p.name, Tensor (p) => p.parameter);
        KeyValuePair<string, Tensor>[] tensors = [.. ParameterShapes.Of(network.Config).Keys.Select(name => KeyValuePair.Create(name, parameters[name]))];
        IEnumerable<KeyValuePair<string, Tensor>> scales = network.Matrices.Where(m => m.Value.Scales is not null)
            .Select(m => KeyValuePair.Create(m.Key + ".scales", m.Value.Scales!));
        return network.Format == FrozenFormat.Int8
            ? Hash([.. tensors.Where(t => !network.Matrices.ContainsKey(t.Key)), .. scales], network.Matrices.Values.Select(matrix => matrix.Weight))
            : Hash(stream => SafetensorsWriter.WriteStored(
                stream, ModelWriter.Stored(network.Config, parameters, ConfigJsonWriter.DefaultLayout(network.Config)), WeightPrecision.Float32));
    }

    /// <summary>SHA-256 of an adapter: names and numbers, in whatever order they are, and what else its products depend on.</summary>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    public static string Sha256(LowRankAdapter adapter)
    {
        string scales = JsonSerializer.Serialize(adapter.Pairs.OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => new { pair.Key, pair.Value.Alpha, pair.Value.RankStabilized }));
        string numbers = Hash([.. adapter.Parameters.OrderBy(p => p.Name, StringComparer.Ordinal)
            .Select(p => KeyValuePair.Create(p.Name, (Tensor)p.Parameter))], []);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{numbers} {scales}")));
    }

    private static string Hash(KeyValuePair<string, Tensor>[] tensors, IEnumerable<Tensor> levels) => Hash(stream =>
    {
        SafetensorsWriter.Write(stream, tensors, WeightPrecision.Float32);
        foreach (Tensor matrix in levels)
        {
            using Tensor host = matrix.detach().cpu();
            stream.Write(host.bytes);
        }
    });

    private static string Hash(Action<Stream> write)
    {
        using SHA256 hash = SHA256.Create();
        using (CryptoStream stream = new(Stream.Null, hash, CryptoStreamMode.Write))
            write(stream);
        return Convert.ToHexStringLower(hash.Hash!);
    }
}
