using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>A folder with a model as MiniMind and Hugging Face ship it: where its configuration and weights are.</summary>
internal static class ModelFolder
{
    private const string TorchName = "pytorch_model.bin";

    /// <summary>Finds the weights: safetensors in one file or several, then <c>pytorch_model.bin</c>, then a single <c>*.pth</c>.</summary>
    /// <exception cref="FileNotFoundException">The folder has none of these.</exception>
    /// <exception cref="WeightFileException">It has several <c>*.pth</c>, or torch weights in several files.</exception>
    public static string FindWeights(string folder)
    {
        if (!Directory.Exists(folder)) throw new DirectoryNotFoundException($"There is no folder '{folder}'.");
        foreach (string name in (string[])[SafetensorsShards.SingleName, SafetensorsShards.IndexName, TorchName])
        {
            string path = Path.Combine(folder, name);
            if (File.Exists(path)) return path;
        }
        string parts = Path.Combine(folder, TorchName + WeightFile.IndexSuffix);
        if (File.Exists(parts)) throw new WeightFileException(parts, "file name", "torch weights in several files are not read; save the model as safetensors");
        string[] checkpoints = [.. Directory.EnumerateFiles(folder, "*.pth").Order(StringComparer.Ordinal)];
        return checkpoints.Length switch
        {
            1 => checkpoints[0],
            0 => throw new FileNotFoundException($"'{folder}' has no {SafetensorsShards.SingleName}, {SafetensorsShards.IndexName}, {TorchName} or *.pth."),
            _ => throw new WeightFileException(folder, "*.pth", $"the folder has {checkpoints.Length} checkpoints and nothing says which is meant: "
                + $"{string.Join(", ", checkpoints.Take(5).Select(Path.GetFileName))}; load one of them by its path"),
        };
    }

    /// <summary>Opens weights and gets the configuration that goes with them; the two are checked to fit before any tensor is made.</summary>
    /// <param name="weights">A path as of <see cref="FindWeights"/>, or any checkpoint.</param>
    /// <param name="given">The configuration, where the caller has it; else <c>config.json</c> beside the weights, else what the shapes say.</param>
    /// <returns>The configuration, and the tensors for <see cref="StateDictLoader.Load"/>, which the caller disposes.</returns>
    /// <exception cref="ModelConfigException">The configuration is not valid.</exception>
    /// <exception cref="WeightFileException">The weights are not valid, or not those of this configuration.</exception>
    public static (ModelConfig Config, IWeightSource Weights) Open(string weights, ModelConfig? given = null)
    {
        string configPath = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(weights))!, ConfigJson.FileName);
        if (given is null && File.Exists(configPath)) given = ConfigJson.Read(configPath);
        IWeightSource source = WeightFile.Open(weights);
        try
        {
            ModelConfig config = given ?? InferredConfig.Of(source);
            StateDictLoader.Verify(source, ParameterShapes.Of(config), config.TieWordEmbeddings);
            return (config, source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }
}
