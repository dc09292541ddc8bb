using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Training.Checkpoints;

/// <summary>Reads a checkpoint's state after every byte of the checkpoint was compared with its hash.</summary>
internal static class CheckpointReader
{
    /// <summary>The most bytes that a checkpoint's state may have: a history of millions of points.</summary>
    public const int MaxStateBytes = 1 << 30;

    private const int MaxHashLineBytes = 1024;

    /// <summary>Checks all files and reads the state.</summary>
    /// <exception cref="InvalidDataException">It is damaged; the message says which file.</exception>
    /// <exception cref="NotSupportedException">A newer version of this library wrote it.</exception>
    public static CheckpointContent Read(string path)
    {
        try
        {
            if (Encoding.UTF8.GetString(ReadAll(path, CheckpointFiles.StateHash, MaxHashLineBytes)) != CheckpointFiles.HashLine(
                HashOf(path, CheckpointFiles.State)))
            {
                throw Damaged(path, CheckpointFiles.State);
            }

            CheckpointContent content = Parse(path);
            foreach ((string name, string hash) in content.Files)
            {
                if (Path.GetFileName(name) != name)
                    throw new JsonException($"'{name}' is no name of a file in the checkpoint");
                if (HashOf(path, name) != hash)
                    throw Damaged(path, name);
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
        byte[] json = ReadAll(path, CheckpointFiles.State, MaxStateBytes);
        using JsonDocument document = JsonDocument.Parse(json);
        int format = document.RootElement.GetProperty(nameof(CheckpointContent.Format)).GetInt32();
        if (format > CheckpointContent.CurrentFormat)
        {
            throw new NotSupportedException(
                $"The checkpoint '{path}' is in format {format}, which a newer version of this library wrote; this one reads formats up to " +
                $"{CheckpointContent.CurrentFormat}. Update the package.");
        }

        return document.Deserialize<CheckpointContent>(CheckpointContent.Json)!;
    }

    // Empty for a file whose length alone shows that it is not what was written.
    private static string HashOf(string path, string name)
    {
        try
        {
            if (!HasItsLength(Path.Combine(path, name)))
                return "";
            using BufferedStream stream = new(RegularFile.OpenRead(Path.Combine(path, name)), 1 << 20);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (InvalidDataException failure)
        {
            throw new IOException(failure.Message, failure);
        }
    }

    // Hashing takes as long as reading does: a file that has become far too long, as holes make it without taking room on the disk, is told by its length.
    private static bool HasItsLength(string path)
    {
        using FileStream stream = RegularFile.OpenRead(path);
        if (!path.EndsWith(CheckpointFiles.TensorsSuffix, StringComparison.Ordinal))
            return stream.Length <= MaxStateBytes;
        try
        {
            SafetensorsReader.Open(path).Dispose(); // its header says how long it is
            return true;
        }
        catch (WeightFileException)
        {
            return false;
        }
    }

    private static byte[] ReadAll(string path, string name, int maxBytes)
    {
        try
        {
            return RegularFile.ReadAllBytes(Path.Combine(path, name), maxBytes);
        }
        catch (InvalidDataException failure)
        {
            throw new IOException(failure.Message, failure);
        }
    }

    private static InvalidDataException Damaged(string path, string name) =>
        new($"The checkpoint '{path}' is damaged: '{name}' is not what was written, by its length or SHA-256.");
}
