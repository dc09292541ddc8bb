namespace MiniMind.MLNet.Dpo.Tool.Training;

/// <summary>The places in a run's folder.</summary>
/// <param name="Path">The folder.</param>
internal sealed record RunFolder(string Path)
{
    /// <summary>The configuration with which it was trained.</summary>
    public string Config => Within("config.yaml");

    /// <summary>Where checkpoints are kept, unless the configuration says otherwise.</summary>
    public string Checkpoints => Within("checkpoints");

    /// <summary>The trained model.</summary>
    public string Model => Within("model");

    /// <summary>The trained model as an ML.NET file.</summary>
    public string Zip => Within("model.zip");

    /// <summary>The trained adapter.</summary>
    public string Adapter => Within("adapter");

    /// <summary>What the trained model gives each held-out pair.</summary>
    public string HeldOut => Within("held-out.jsonl");

    /// <summary>The measurements, as the library writes them.</summary>
    public string Metrics => Within("metrics.jsonl");

    /// <summary>The run's record, as the library writes it.</summary>
    public string Record => Within("run.json");

    /// <summary>Writes a file beside and renames it.</summary>
    public static void Replace(string path, string text)
    {
        string beside = path + ".new";
        File.WriteAllText(beside, text);
        File.Move(beside, path, overwrite: true);
    }

    private string Within(string name) => System.IO.Path.Combine(Path, name);
}
