using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Weights;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Writes networks with their tokenizers for other tools.</summary>
internal static class ModelSaver
{
    /// <summary>Writes a model folder.</summary>
    /// <remarks>The template goes into a file of its own, wherever it came from; <c>generation_config.json</c> is the one that the model came with.</remarks>
    public static void SaveModel(
        string folder, MiniMindNetwork network, HuggingFaceTokenizer tokenizer, ChatTemplate template, ModelOrigin origin,
        WeightPrecision precision, ModelLayout? layout)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ReadOnlyMemory<byte> generation = origin.Generation?.Json ?? default;
        using MiniMindNetwork? merged = network.IsPlain ? null : network.Merged();
        ModelWriter.SaveFolder(folder, network.Config, Parameters(merged ?? network), layout ?? ConfigJsonWriter.DefaultLayout(network.Config), precision,
            companions: TokenizerFiles.Of(tokenizer, template), generationConfig: generation);
    }

    public static void SaveCheckpoint(string path, MiniMindNetwork network, WeightPrecision precision)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        using MiniMindNetwork? merged = network.IsPlain ? null : network.Merged();
        ModelWriter.SaveCheckpoint(path, network.Config, Parameters(merged ?? network), precision);
    }

    private static Dictionary<string, torch.Tensor> Parameters(MiniMindNetwork network) =>
        network.named_parameters().ToDictionary(p => p.name, torch.Tensor (p) => p.parameter);
}
