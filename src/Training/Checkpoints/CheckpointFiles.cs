namespace MiniMind.MLNet.Dpo.Training.Checkpoints;

/// <summary>Names of the files in a checkpoint.</summary>
internal static class CheckpointFiles
{
    public const string Weights = "model.safetensors";
    public const string Config = "config.json";
    public const string Optimizer = "optimizer.safetensors";
    public const string Observers = "observers.safetensors";
    public const string State = "state.json";
    public const string StateHash = "state.sha256";
    public const string TensorsSuffix = ".safetensors";

    /// <summary>What <see cref="StateHash"/> says: a line that <c>sha256sum --check</c> reads.</summary>
    public static string HashLine(string hash) => $"{hash}  {State}\n";
}
