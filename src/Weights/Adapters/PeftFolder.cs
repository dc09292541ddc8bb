using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Modeling.Adapters;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights.Adapters;

/// <summary>An adapter's folder as PEFT writes and reads it.</summary>
internal static class PeftFolder
{
    /// <summary>The name of the tensors' file.</summary>
    public const string TensorsName = "adapter_model.safetensors";

    /// <summary>What names of tensors begin with.</summary>
    public const string Prefix = "base_model.model.";

    private const string TorchName = "adapter_model.bin";
    private const int Listed = 5;

    /// <summary>Reads a folder.</summary>
    /// <param name="folder">Holds <c>adapter_config.json</c> and <c>adapter_model.safetensors</c>, or <c>adapter_model.bin</c>.</param>
    /// <param name="options">Whether its files may be links out of it, and weights not finite.</param>
    /// <returns>The adapter, frozen, on the CPU; the caller disposes.</returns>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="ModelConfigException">The configuration is not valid, or asks for what is not implemented.</exception>
    /// <exception cref="WeightFileException">The tensors are damaged, or not those of the configuration.</exception>
    public static LowRankAdapter Read(string folder, ModelLoadOptions? options = null)
    {
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{folder}'. An adapter is a folder with {PeftConfig.FileName} and {TensorsName}.");
        string configPath = Path.Combine(folder, PeftConfig.FileName);
        if (!Path.Exists(configPath))
            throw new FileNotFoundException($"'{folder}' has no {PeftConfig.FileName}, so it holds no adapter that is read here.", configPath);
        PeftConfig config = PeftConfigReader.Read(configPath, options);
        string[] found = [.. new[] { TensorsName, TorchName }.Select(name => Path.Combine(folder, name)).Where(Path.Exists)];
        if (found.Length == 0)
            throw new FileNotFoundException($"'{folder}' has no {TensorsName}.", Path.Combine(folder, TensorsName));
        try
        {
            ModelFile.Check(found[0], options);
        }
        catch (InvalidDataException failure)
        {
            throw new WeightFileException(found[0], "file", failure.Message, failure);
        }
        using IWeightSource source = WeightFile.Open(found[0], options);
        return Read(source, config, options);
    }

    /// <summary>Makes an adapter of an open file.</summary>
    /// <exception cref="WeightFileException">The tensors are not those of the configuration.</exception>
    public static LowRankAdapter Read(IWeightSource source, PeftConfig config, ModelLoadOptions? options = null)
    {
        AdapterTensors tensors = new AdapterTensors(source, Prefix, LowRankAdapter.SuffixA, LowRankAdapter.SuffixB, LowRankAdapter.MagnitudeSuffix).Sort();
        string[] faults = [.. Disagreements(tensors, config)];
        if (faults.Length > 0)
        {
            string listed = string.Join("; ", faults.Take(Listed)) + (faults.Length > Listed ? $"; and {faults.Length - Listed} more" : "");
            throw new WeightFileException(source.Path, "tensors", $"they are not those of {PeftConfig.FileName}: {listed}");
        }
        return tensors.Read(config.Config with { Targets = [.. tensors.Modules] }, config.AlphaOf, options?.AllowNonFiniteWeights ?? false);
    }

    /// <summary>Writes a folder; old files stay whole until the new ones are on the disk.</summary>
    /// <param name="folder">Made if it is not there; other files in it stay.</param>
    /// <param name="adapter">The adapter.</param>
    /// <param name="precision">The number format.</param>
    /// <exception cref="IOException">A file could not be written.</exception>
    /// <exception cref="InvalidOperationException">A weight is finite, but not in the given precision; nothing was written.</exception>
    public static void Write(string folder, LowRankAdapter adapter, WeightPrecision precision)
    {
        KeyValuePair<string, Tensor>[] tensors = Tensors(adapter);
        WeightRange.Check(tensors.ToDictionary(), precision);
        Directory.CreateDirectory(folder);
        using AtomicFileSet files = new();
        files.Write(Path.Combine(folder, TensorsName), stream => SafetensorsWriter.Write(stream, tensors, precision));
        files.Write(Path.Combine(folder, PeftConfig.FileName), stream => PeftConfigWriter.Write(stream, adapter));
        files.Commit();
    }

    /// <summary>The tensors under the names that they have in the file, in the order of the model.</summary>
    public static KeyValuePair<string, Tensor>[] Tensors(LowRankAdapter adapter) =>
        [.. adapter.Parameters.Select(p => KeyValuePair.Create(Prefix + p.Name, (Tensor)p.Parameter))];

    private static IEnumerable<string> Disagreements(AdapterTensors tensors, PeftConfig config)
    {
        foreach (string module in tensors.Modules)
        {
            if (!config.IsTarget(module))
                yield return $"'{module}' is none of its target_modules{(config.Layers is null ? "" : " in layers_to_transform")}";
            if (tensors.RankOf(module) != config.RankOf(module))
                yield return $"'{module}' is of rank {tensors.RankOf(module)} and not {config.RankOf(module)}, as r and rank_pattern say";
        }
        if (!config.Config.Dora && tensors.HasMagnitudes)
            yield return "there are lora_magnitude_vector tensors, but use_dora is false";
        if (config.Config.Dora && tensors.WithoutMagnitude.FirstOrDefault() is { } without)
            yield return $"use_dora is true, but '{without}' has no lora_magnitude_vector";
    }
}
