using System.Security.Cryptography;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Training.Checkpoints;

/// <summary>Reads a checkpoint's state after every byte of the checkpoint was compared with its hash.</summary>
internal static class CheckpointReader
{
    /// <summary>Checks all files and reads the state.</summary>
    /// <exception cref="InvalidDataException">It is damaged; the message says which file.</exception>
    /// <exception cref="NotSupportedException">A newer version of this library wrote it.</exception>
    public static CheckpointContent Read(string path)
    {
        try
        {
            if (File.ReadAllText(Path.Combine(path, CheckpointFiles.StateHash)) != CheckpointFiles.HashLine(HashOf(path, CheckpointFiles.State)))
                throw Damaged(path, CheckpointFiles.State);
            CheckpointContent content = Parse(path);
            foreach ((string name, string hash) in content.Files)
            {
                if (HashOf(path, name) != hash) throw Damaged(path, name);
            }
            return content;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InvalidDataException($"The checkpoint '{path}' cannot be read: {failure.Message}", failure);
        }
    }

    private static CheckpointContent Parse(string path)
    {
        byte[] json = File.ReadAllBytes(Path.Combine(path, CheckpointFiles.State));
        using JsonDocument document = JsonDocument.Parse(json);
        int format = document.RootElement.GetProperty(nameof(CheckpointContent.Format)).GetInt32();
        if (format > CheckpointContent.CurrentFormat)
            throw new NotSupportedException($"The checkpoint '{path}' is in format {format}, which a newer version of this library wrote; this one reads formats up to {CheckpointContent.CurrentFormat}. Update the package.");
        return document.Deserialize<CheckpointContent>(CheckpointContent.Json)!;
    }

    private static string HashOf(string path, string name)
    {
        using FileStream stream = new(Path.Combine(path, name), FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20, FileOptions.SequentialScan);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static InvalidDataException Damaged(string path, string name) => new($"The checkpoint '{path}' is damaged: '{name}' is not what was written, by its SHA-256.");
}
