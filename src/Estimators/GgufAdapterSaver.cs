using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Weights;
using MiniMind.MLNet.Dpo.Weights.Gguf;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Writes the adapters of networks as GGUF files, which llama.cpp adds to the file of the model.</summary>
internal static class GgufAdapterSaver
{
    /// <summary>Writes the file.</summary>
    public static void Save(string path, GgufType type, MiniMindNetwork network)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        GgufTensorType matrices = type.ToTensorType();
        string[] obstacles = [.. Obstacles(network)];
        if (obstacles.Length > 0)
            throw new NotSupportedException($"The adapter cannot be written as GGUF: {string.Join("; ", obstacles)}.");

        using DisposeScope scope = torch.NewDisposeScope();
        GgufAdapterTensors adapter = GgufAdapterTensors.Of(network, matrices);
        GgufRange.Check(adapter.Tensors);
        GgufMetadata metadata = new();
        metadata.Add("general.architecture", GgufArchitecture.NameOf(network.Config));
        metadata.Add("general.type", "adapter");
        metadata.Add("general.file_type", type.ToFileType());
        metadata.Add("general.alignment", GgufWriter.Alignment);
        metadata.Add("adapter.type", "lora");
        metadata.Add("adapter.lora.alpha", adapter.Alpha);
        AtomicFileSet.WriteOne(path, stream => GgufWriter.Write(stream, metadata, adapter.Tensors));
    }

    private static IEnumerable<string> Obstacles(MiniMindNetwork network)
    {
        if (AdaptedModels.AdapterOf(network).Config.Dora)
            yield return "it has magnitudes (Dora), which the runtimes' adapters have not; save the merged model with SaveGguf";
        foreach (string obstacle in GgufArchitecture.Obstacles(network.Config))
            yield return obstacle;
    }
}
