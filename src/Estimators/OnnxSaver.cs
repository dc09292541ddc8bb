using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Weights;
using MiniMind.MLNet.Dpo.Weights.Onnx;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Writes networks as ONNX models, for ONNX Runtime and what is built on it.</summary>
internal static class OnnxSaver
{
    /// <summary>What the name of the file with the weights has more than the model's.</summary>
    public const string DataSuffix = ".data";

    /// <summary>Writes the model, the file with its weights beside it and, by option, what ONNX Runtime GenAI needs.</summary>
    public static void Save(
        string path, WeightPrecision precision, OnnxOptions? options, MiniMindNetwork network, HuggingFaceTokenizer tokenizer, ChatTemplate template,
        ModelOrigin origin)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        string[] obstacles = [.. OnnxDecoder.Obstacles(network.Config)];
        if (obstacles.Length > 0)
            throw new NotSupportedException($"The model cannot be written as ONNX: {string.Join("; ", obstacles)}.");
        bool forGenAI = options?.WriteGenAIConfig is true;
        AnswerEnds? ends = forGenAI ? TurnEndProbe.Find(network.Config, origin, tokenizer, template) : null;
        if (ends?.Ids.Count == 0)
            throw new NotSupportedException("genai_config.json needs a token that ends answers, and the model names none (eos_token_id).");
        GenerationOptions? sampling = forGenAI ? GenerationDefaults.Of(origin.Generation) : null;

        using MiniMindNetwork? merged = network.IsPlain ? null : network.Merged();
        Dictionary<string, torch.Tensor> parameters = (merged ?? network).named_parameters().ToDictionary(p => p.name, torch.Tensor (p) => p.parameter);
        WeightRange.Check(parameters, precision);
        OnnxGraph graph = new();
        OnnxWeights weights = new(graph, parameters, precision, Path.GetFileName(path) + DataSuffix, network.Config.UnitOffsetNorms);
        OnnxDecoder.Build(network.Config, graph, weights);

        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        using AtomicFileSet files = new();
        files.Write(path + DataSuffix, weights.Write);
        files.Write(path, stream => graph.Write(stream, "decoder"));
        if (forGenAI)
        {
            files.Write(Path.Combine(folder, GenAIConfig.FileName), stream =>
                GenAIConfig.Write(stream, Path.GetFileName(path), network.Config, tokenizer, ends!.Ids, sampling!));
            foreach ((string name, ReadOnlyMemory<byte> bytes) in TokenizerFiles.Of(tokenizer, template))
                files.Write(Path.Combine(folder, name), stream => stream.Write(bytes.Span));
        }
        files.Commit();
    }
}
