using MiniMind.MLNet.Dpo.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Transforms.Persistence;
using MiniMind.MLNet.Dpo.Weights;
using MiniMind.MLNet.Dpo.Weights.Adapters;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>An adapter's matrices inside an ML.NET model file: stored safetensors, fp32.</summary>
internal static class AdapterEntry
{
    /// <summary>Writes the matrices.</summary>
    /// <returns>What the file says of them elsewhere.</returns>
    public static SavedAdapter Write(ModelEntryWriter writer, string name, LowRankAdapter adapter)
    {
        writer.WriteStored(name,
            stream => SafetensorsWriter.Write(stream, [.. adapter.Parameters.Select(p => KeyValuePair.Create(p.Name, (torch.Tensor)p.Parameter))],
                WeightPrecision.Float32));
        return Describe(adapter);
    }

    /// <summary>What a file says of an adapter.</summary>
    public static SavedAdapter Describe(LowRankAdapter adapter) => new(adapter.Config, adapter.Pairs.ToDictionary(pair => pair.Key, pair => pair.Value.Alpha));

    /// <summary>Makes an adapter of the matrices, on the CPU.</summary>
    /// <exception cref="FormatException">The entry is missing or damaged, or is another adapter's.</exception>
    public static LowRankAdapter Read(ModelEntryReader reader, string name, SavedAdapter saved) => reader.ReadStored(name, stored =>
    {
        try
        {
            using ChecksumStream summed = new(stored.Stream);
            using SafetensorsReader source = SafetensorsReader.Open(summed, stored.Length, name);
            AdapterTensors tensors = new AdapterTensors(source, "", LowRankAdapter.SuffixA, LowRankAdapter.SuffixB, LowRankAdapter.MagnitudeSuffix).Sort();
            if (!tensors.Modules.ToHashSet().SetEquals(saved.Alphas.Keys))
                throw new InvalidDataException("its layers are not those that the settings name");
            LowRankAdapter adapter = tensors.Read(saved.Config, module => saved.Alphas[module], ModelLoadScope.Options.AllowNonFiniteWeights);
            if (summed.Checksum == stored.Checksum)
                return adapter;
            adapter.Dispose();
            throw new InvalidDataException("its checksum is not that of the saved weights");
        }
        catch (WeightFileException failure)
        {
            throw new InvalidDataException(failure.Message);
        }
    });
}
