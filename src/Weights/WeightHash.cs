using System.Security.Cryptography;
using MiniMind.MLNet.Dpo.Modeling;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Identifies a model's weights.</summary>
internal static class WeightHash
{
    /// <summary>SHA-256 of the <c>model.safetensors</c> that saving the network in fp32 gives, so that <c>sha256sum</c> tells whether a file is it.</summary>
    /// <remarks>A network that is saved in several files is hashed as if it went into one.</remarks>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    public static string Sha256(MiniMindNetwork network)
    {
        Dictionary<string, Tensor> parameters = network.named_parameters().ToDictionary(p => p.name, Tensor (p) => p.parameter);
        using SHA256 hash = SHA256.Create();
        using (CryptoStream stream = new(Stream.Null, hash, CryptoStreamMode.Write))
            SafetensorsWriter.Write(stream, [.. ParameterShapes.Of(network.Config).Keys.Select(name => KeyValuePair.Create(name, parameters[name]))],
                WeightPrecision.Float32);
        return Convert.ToHexStringLower(hash.Hash!);
    }
}
