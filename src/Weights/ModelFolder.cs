using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>A folder with a model as MiniMind and Hugging Face ship it: where its configuration and weights are.</summary>
internal static class ModelFolder
{
    /// <summary>The name of torch's weights in a folder of transformers.</summary>
    public const string TorchName = "pytorch_model.bin";

    /// <summary>Finds the weights: safetensors in one file or several, then <c>pytorch_model.bin</c>, then a single <c>*.pth</c>.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">Whether the weights may be a link out of the folder.</param>
    /// <exception cref="FileNotFoundException">The folder has none of these.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder, or it is a file.</exception>
    /// <exception cref="WeightFileException">It has several <c>*.pth</c>, or another kind of model; the message says which and what to do.</exception>
    public static string FindWeights(string folder, ModelLoadOptions? options = null)
    {
        if (!Directory.Exists(folder))
            throw FolderDiagnosis.NoFolder(folder);
        if (FolderDiagnosis.OtherKind(folder) is { } kind)
            throw kind;
        string[] known = [.. FolderDiagnosis.WeightNames.Select(name => Path.Combine(folder, name)).Where(Path.Exists)];
        string[] found = known.Length > 0 ? known[..1] : [.. Directory.EnumerateFileSystemEntries(folder, "*.pth").Order(StringComparer.Ordinal)];
        if (found.Length == 0)
            throw FolderDiagnosis.NoWeights(folder);
        if (found.Length > 1)
        {
            throw new WeightFileException(folder, "*.pth", $"the folder has {found.Length} checkpoints and nothing says which is meant: "
                + $"{string.Join(", ", found.Take(5).Select(Path.GetFileName))}; load one of them by its path");
        }
        CheckLinks(found[0], options);
        return found[0];
    }

    /// <summary>Opens weights and gets the configuration that goes with them; the two are checked to fit before any tensor is made.</summary>
    /// <param name="weights">A path as of <see cref="FindWeights"/>, or any checkpoint.</param>
    /// <param name="given">The configuration, where the caller has it; else <c>config.json</c> beside the weights, else what the shapes say.</param>
    /// <param name="options">Whether the folder's files may be links out of it.</param>
    /// <returns>The configuration, and the tensors for <see cref="StateDictLoader.Load"/>, which the caller disposes.</returns>
    /// <exception cref="ModelConfigException">The configuration is not valid.</exception>
    /// <exception cref="WeightFileException">The weights are not valid, or not those of this configuration.</exception>
    public static (ModelConfig Config, IWeightSource Weights) Open(string weights, ModelConfig? given = null, ModelLoadOptions? options = null)
    {
        string configPath = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(weights))!, ConfigJson.FileName);
        if (given is null && Path.Exists(configPath))
            given = ConfigJson.Read(configPath, options);
        IWeightSource source = WeightFile.Open(weights, options);
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

    private static void CheckLinks(string path, ModelLoadOptions? options)
    {
        try
        {
            ModelFile.Check(path, options);
        }
        catch (InvalidDataException failure)
        {
            throw new WeightFileException(path, "file", failure.Message, failure);
        }
    }
}
