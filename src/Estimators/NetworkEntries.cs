using System.Text.Json;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Transforms.Persistence;
using MiniMind.MLNet.Dpo.Weights;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>A network inside an ML.NET model file in up to three entries: its own weights, unless the file has their hash only, the factors of int8 rows, and
/// its adapter.</summary>
/// <param name="name">What the entries' names begin with.</param>
internal sealed class NetworkEntries(string name)
{
    private string Weights => name + ".safetensors";

    private string Scales => name + "-scales.safetensors";

    private string Adapter => name + "-adapter.safetensors";

    /// <summary>What a file says of a network; <see langword="null"/> where it is nothing but fp32 weights that are written as such.</summary>
    /// <param name="network">The network.</param>
    /// <param name="embed">Whether its own weights are in the file.</param>
    /// <param name="policy">The network whose weights are in the file already, if there is one.</param>
    public static SavedNetwork? Describe(MiniMindNetwork network, bool embed, MiniMindNetwork? policy = null)
    {
        bool shares = policy is not null && Shares(network, policy);
        if (network.IsPlain && embed && !shares)
            return null;
        SavedAdapter? adapter = network.Adapter is null ? null : AdapterEntry.Describe(network.Adapter);
        return new(network.Format, adapter, embed || shares ? null : WeightHash.Sha256(network), shares);
    }

    /// <summary>Writes the entries.</summary>
    /// <param name="writer">Behind a part's header.</param>
    /// <param name="network">The network.</param>
    /// <param name="saved">What the file says of it.</param>
    public void Write(ModelEntryWriter writer, MiniMindNetwork network, SavedNetwork? saved)
    {
        if (saved is null)
        {
            NetworkEntry.Write(writer, Weights, network);
            return;
        }
        if (saved is { SharesPolicy: false, BaseSha256: null })
        {
            using MiniMindNetwork own = network.WithAdapter(null);
            using MiniMindNetwork? dense = own.IsPlain ? null : own.Merged();
            NetworkEntry.Write(writer, Weights, dense ?? own);
            KeyValuePair<string, torch.Tensor>[] scales =
                [.. network.Matrices.Where(m => m.Value.Scales is not null).Select(m => KeyValuePair.Create(m.Key, m.Value.Scales!))];
            if (scales.Length > 0)
                writer.WriteStored(Scales, stream => SafetensorsWriter.Write(stream, scales, WeightPrecision.Float32));
        }
        if (network.Adapter is { } adapter)
            AdapterEntry.Write(writer, Adapter, adapter);
    }

    /// <summary>Makes the network.</summary>
    /// <param name="reader">The part's entries.</param>
    /// <param name="saved">What the file says of it.</param>
    /// <param name="config">Its shape.</param>
    /// <param name="env">Says on which device it comes to lie.</param>
    /// <param name="policy">The network whose weights it may share.</param>
    /// <exception cref="FormatException">An entry is missing or damaged, or the file has the hash of other weights than those that were given.</exception>
    public SharedNetwork Read(ModelEntryReader reader, SavedNetwork? saved, ModelConfig config, IHostEnvironment env, MiniMindNetwork? policy = null)
    {
        if (saved is null)
            return NetworkEntry.Read(reader, Weights, config, env);
        SharedNetwork? own = null;
        try
        {
            if (!(saved.SharesPolicy && policy is not null))
                own = saved.BaseSha256 is { } hash ? Given(reader, saved.Format, hash, config, env) : Stored(reader, saved.Format, config, env);
            MiniMindNetwork weights = own?.Network ?? policy!;
            using LowRankAdapter? adapter = saved.Adapter is null ? null : AdapterEntry.Read(reader, Adapter, saved.Adapter);
            string[] faults = [.. adapter?.Faults(weights) ?? []];
            if (faults.Length > 0)
                reader.Explain<bool>(Adapter, () => throw new InvalidDataException(faults[0]));
            return new SharedNetwork(weights.WithAdapter(adapter?.For(weights)));
        }
        finally
        {
            own?.Release();
        }
    }

    private static bool Shares(MiniMindNetwork network, MiniMindNetwork other) =>
        network.named_parameters().Zip(other.named_parameters()).All(pair => TensorAddress.Of(pair.First.parameter) == TensorAddress.Of(pair.Second.parameter));

    private SharedNetwork Given(
        ModelEntryReader reader, FrozenFormat format, string hash, ModelConfig config, IHostEnvironment env) => reader.Explain(Weights, () =>
    {
        if (BaseModelScope.Network is not { } given)
        {
            throw new InvalidDataException($"the weights of the model that the adapter belongs to are not in the file, which has only their hash {hash}; " +
                $"give that model: mlContext.Preferences.LoadModel(path, baseModel)");
        }

        if (Shape(given.Config) != Shape(config))
        {
            throw new InvalidDataException($"the model that was given is of another shape ({Shape(given.Config)}) than the one that the adapter belongs " +
                $"to ({Shape(config)})");
        }

        torch.Device device = NetworkEntry.Device(env);
        bool asIs = given.Format == format && device.type == DeviceType.CPU && given.Device.type == DeviceType.CPU;
        MiniMindNetwork network = asIs ? given.WithAdapter(null) : Own(given, format, device);
        string found = WeightHash.Sha256(network);
        if (found == hash)
            return new SharedNetwork(network);
        network.Dispose();
        throw new InvalidDataException($"the adapter belongs to weights with the hash {hash}, and those of the model that was given have {found}");
    });

    // by its values: a record also compares what was given and what is a default
    private static string Shape(ModelConfig config) => JsonSerializer.Serialize(config with { Dropout = 0 });

    private static MiniMindNetwork Own(MiniMindNetwork given, FrozenFormat format, torch.Device device)
    {
        using MiniMindNetwork plain = given.WithAdapter(null);
        return plain.FrozenCopy(format, device);
    }

    private SharedNetwork Stored(ModelEntryReader reader, FrozenFormat format, ModelConfig config, IHostEnvironment env)
    {
        SharedNetwork dense = NetworkEntry.Read(reader, Weights, config, env);
        if (format == FrozenFormat.Float32)
            return dense;
        try
        {
            using DisposeScope scope = torch.NewDisposeScope();
            Dictionary<string, torch.Tensor>? scales = format == FrozenFormat.Int8 ? ReadScales(reader, dense.Network) : null;
            return new SharedNetwork(dense.Network.FrozenCopy(format, dense.Network.Device, scales));
        }
        finally
        {
            dense.Release();
        }
    }

    private Dictionary<string, torch.Tensor> ReadScales(ModelEntryReader reader, MiniMindNetwork network) => reader.ReadStored(Scales, stored =>
    {
        try
        {
            using ChecksumStream summed = new(stored.Stream);
            using SafetensorsReader source = SafetensorsReader.Open(summed, stored.Length, Scales);
            Dictionary<string, torch.Tensor> scales = network.Matrices.ToDictionary(m => m.Key, m => torch.empty(m.Value.Weight.shape[0], 1));
            StateDictLoader.Load(source, scales, tied: false);
            if (summed.Checksum != stored.Checksum)
                throw new InvalidDataException("its checksum is not that of the saved numbers");
            return scales;
        }
        catch (WeightFileException failure)
        {
            throw new InvalidDataException(failure.Message);
        }
    });
}
