namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Lists everything that is wrong with a model's <c>config.json</c>.</summary>
public sealed class ModelConfigException : IOException
{
    internal ModelConfigException(string path, IReadOnlyList<string> faults, Exception? inner = null)
        : base($"{path}: {string.Join("; ", faults)}", inner)
    {
        Path = path;
        Faults = faults;
    }

    /// <summary>A file that was not read, for a reason that names it.</summary>
    internal ModelConfigException(string path, InvalidDataException refusal)
        : base(refusal.Message, refusal)
    {
        Path = path;
        Faults = [refusal.Message];
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>One sentence for each fault, with key and value.</summary>
    public IReadOnlyList<string> Faults { get; }
}
