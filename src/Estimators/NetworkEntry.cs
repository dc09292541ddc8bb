using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Transforms.Persistence;
using MiniMind.MLNet.Dpo.Weights;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>A network's weights inside an ML.NET model file: stored safetensors, fp32.</summary>
internal static class NetworkEntry
{
    /// <summary>Writes the weights.</summary>
    public static void Write(ModelEntryWriter writer, string name, MiniMindNetwork network) => writer.WriteStored(name, stream => SafetensorsWriter.Write(
        stream, [.. network.named_parameters().Select(p => KeyValuePair.Create(p.name, (torch.Tensor)p.parameter))], WeightPrecision.Float32));

    /// <summary>Makes a network of the weights, on the device that the context asks for.</summary>
    /// <exception cref="FormatException">The entry is missing or damaged, or is another network's; none of them is made.</exception>
    public static SharedNetwork Read(ModelEntryReader reader, string name, ModelConfig config, IHostEnvironment env)
    {
        MiniMindNetwork network = reader.ReadStored(name, stored => Read(stored, name, config));
        try
        {
            torch.Device device = Device(env);
            if (device.type != DeviceType.CPU)
                network.to(device);
            return new SharedNetwork(network);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private static MiniMindNetwork Read(StoredEntry stored, string name, ModelConfig config)
    {
        try
        {
            using ChecksumStream summed = new(stored.Stream);
            using SafetensorsReader weights = SafetensorsReader.Open(summed, stored.Length, name);
            Verify(weights, config);
            return Filled(new MiniMindNetwork(config), weights, summed, stored.Checksum);
        }
        catch (WeightFileException failure)
        {
            throw new InvalidDataException(failure.Message);
        }
    }

    // What the configuration claims costs neither time nor memory before the file is seen to have it.
    private static void Verify(SafetensorsReader weights, ModelConfig config)
    {
        if ((long)config.LayerCount * (config.Experts?.Count ?? 1) > weights.Tensors.Count)
        {
            throw new InvalidDataException(
                $"it has {weights.Tensors.Count} tensors, too few for {config.LayerCount} layers of {config.Experts?.Count ?? 1} experts");
        }

        StateDictLoader.Verify(weights, ParameterShapes.Of(config), config.TieWordEmbeddings);
    }

    private static MiniMindNetwork Filled(MiniMindNetwork network, SafetensorsReader weights, ChecksumStream summed, uint checksum)
    {
        try
        {
            bool allowNonFinite = ModelLoadScope.Options.AllowNonFiniteWeights;
            StateDictLoader.Load(weights, network.named_parameters().ToDictionary(p => p.name, torch.Tensor (p) => p.parameter),
                network.Config.TieWordEmbeddings, allowNonFinite);
            if (summed.Checksum != checksum)
                throw new InvalidDataException("its checksum is not that of the saved weights");
            if (!allowNonFinite)
                FiniteLogits.Check(network, weights.Path);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>The device that the context asks for.</summary>
    public static torch.Device Device(IHostEnvironment env) => env is IHostEnvironmentInternal { GpuDeviceId: { } gpu } settings
        ? ComputeDevice.OnCuda(gpu, settings.FallbackToCpu)
        : torch.CPU;
}
