using System.Text;
using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Weights;
using MiniMind.MLNet.Dpo.Weights.Gguf;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Writes networks with their tokenizers as GGUF files, for llama.cpp and what is built on it.</summary>
internal static class GgufSaver
{
    private const int QuantizationVersion = 2;

    /// <summary>Writes the file and, by option, a Modelfile beside it.</summary>
    public static void Save(
        string path, GgufType type, GgufOptions? options, MiniMindNetwork network, HuggingFaceTokenizer tokenizer, ChatTemplate template, ModelOrigin origin)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        options ??= new GgufOptions();
        options.Validate();
        GgufTensorType matrices = type.ToTensorType();
        AnswerEnds ends = TurnEndProbe.Find(network.Config, origin, tokenizer, template);
        GgufTokenizerKeys keys = new(network.Config, tokenizer, template, ends);
        string[] obstacles = [.. GgufArchitecture.Obstacles(network.Config), .. keys.Obstacles];
        if (obstacles.Length > 0)
            throw new NotSupportedException($"The model cannot be written as GGUF: {string.Join("; ", obstacles)}.");

        using DisposeScope scope = torch.NewDisposeScope();
        using MiniMindNetwork? merged = network.IsPlain ? null : network.Merged();
        Dictionary<string, torch.Tensor> parameters = (merged ?? network).named_parameters().ToDictionary(p => p.name, torch.Tensor (p) => p.parameter);
        IReadOnlyList<GgufTensor> tensors = GgufTensors.Of(network.Config, parameters, matrices);
        GgufRange.Check(tensors);
        string? modelfile = options.WriteModelfile ? OllamaModelfile.Of(Path.GetFileName(path), template, [.. keys.EndTexts, .. ends.Texts]) : null;
        GgufMetadata metadata = new();
        metadata.Add("general.architecture", GgufArchitecture.NameOf(network.Config));
        metadata.Add("general.type", "model");
        if (SafeName(options.Name ?? origin.Name) is { } name)
            metadata.Add("general.name", name);
        metadata.Add("general.file_type", type.ToFileType());
        metadata.Add("general.alignment", GgufWriter.Alignment);
        if (type == GgufType.Q8_0)
            metadata.Add("general.quantization_version", QuantizationVersion);
        GgufArchitecture.AddKeys(metadata, network.Config);
        keys.AddTo(metadata);

        using AtomicFileSet files = new();
        files.Write(path, stream => GgufWriter.Write(stream, metadata, tensors));
        string beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, OllamaModelfile.FileName);
        if (modelfile is not null)
            files.Write(beside, stream => stream.Write(Encoding.UTF8.GetBytes(modelfile)));
        files.Commit();
    }

    // llama.cpp strips white space behind the control tokens of every model that has this in its name
    private static string? SafeName(string name) =>
        name.Contains("phi-3", StringComparison.OrdinalIgnoreCase) || name.Contains("phi3", StringComparison.OrdinalIgnoreCase) ? null : name;
}
