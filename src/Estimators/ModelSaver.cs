using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Weights;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Writes networks with their tokenizers for other tools.</summary>
internal static class ModelSaver
{
    public static void SaveModel(string folder, MiniMindNetwork network, HuggingFaceTokenizer tokenizer, WeightPrecision precision, ModelLayout layout)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        ModelWriter.SaveFolder(folder, network.Config, Parameters(network), layout, precision);
        AtomicFileSet.WriteOne(Path.Combine(folder, "tokenizer.json"), stream => stream.Write(tokenizer.TokenizerJson.Span));
        if (!tokenizer.TokenizerConfigJson.IsEmpty)
            AtomicFileSet.WriteOne(Path.Combine(folder, "tokenizer_config.json"), stream => stream.Write(tokenizer.TokenizerConfigJson.Span));
    }

    public static void SaveCheckpoint(string path, MiniMindNetwork network, WeightPrecision precision)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ModelWriter.SaveCheckpoint(path, network.Config, Parameters(network), precision);
    }

    private static Dictionary<string, torch.Tensor> Parameters(MiniMindNetwork network) =>
        network.named_parameters().ToDictionary(p => p.name, torch.Tensor (p) => p.parameter);
}
