using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>What a model has besides weights, tokenizer and chat template, and keeps through training.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Generation">Its <c>generation_config.json</c>, if it came with one.</param>
internal sealed record ModelOrigin(string Name, GenerationConfig? Generation)
{
    private const string Nameless = "minimind";

    /// <summary>A model that came from no file.</summary>
    public static ModelOrigin None { get; } = new(Nameless, null);

    /// <summary>A model of files.</summary>
    /// <param name="path">The folder or checkpoint, which gives the name.</param>
    /// <param name="folders">Where <c>generation_config.json</c> may lie; the first one counts.</param>
    /// <param name="vocabulary">Entries of the model's vocabulary.</param>
    /// <param name="options">Whether the file may be a link out of its folder.</param>
    /// <exception cref="ModelConfigException">The file is damaged, or another model's.</exception>
    public static ModelOrigin Of(string path, IEnumerable<string> folders, int vocabulary, ModelLoadOptions options)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        string name = Directory.Exists(full) ? Path.GetFileName(full) : Path.GetFileNameWithoutExtension(full);
        string? file = folders.Select(folder => Path.Combine(folder, ConfigJsonWriter.GenerationFileName)).FirstOrDefault(Path.Exists);
        return new ModelOrigin(name.Length == 0 ? Nameless : name, file is null ? null : GenerationConfig.Read(file, vocabulary, options));
    }
}
