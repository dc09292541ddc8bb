using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Bench.LossComparison;

/// <summary>Results as JSON.</summary>
internal static class ResultFile
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Reads a file; <see langword="null"/> where there is none.</summary>
    public static T? Read<T>(string path)
        where T : class => File.Exists(path) ? JsonSerializer.Deserialize<T>(File.ReadAllText(path), s_json) : null;

    /// <summary>Writes the file anew.</summary>
    public static void Write<T>(string path, T results)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllText($"{path}.new", JsonSerializer.Serialize(results, s_json) + "\n");
        File.Move($"{path}.new", path, overwrite: true);
    }
}
