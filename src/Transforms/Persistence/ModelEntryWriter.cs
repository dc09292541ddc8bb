using System.IO.Compression;
using System.Text.Json;
using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Transforms.Persistence;

/// <summary>Writes a component's part of a saved model: named entries beside ML.NET's own, straight into the zip without temporary files.</summary>
internal sealed class ModelEntryWriter
{
    private readonly ZipArchive _archive;
    private readonly string _folder;

    /// <summary>Starts the part with its version header.</summary>
    /// <exception cref="InvalidOperationException">The model is not being saved to a zip.</exception>
    public ModelEntryWriter(ModelSaveContext ctx, ModelFormat format)
    {
        ArgumentNullException.ThrowIfNull(ctx);
        if (ctx.Repository is null)
            throw new InvalidOperationException($"{format.LoaderName} can be saved by MLContext.Model.Save only: a single stream has no room for its entries.");
        ctx.CheckAtModel();
        ctx.SetVersionInfo(format.VersionInfo);
        _archive = ctx.Repository._archive;
        _folder = ctx.Directory ?? "";
    }

    /// <summary>Writes a value as compressed JSON.</summary>
    public void WriteJson<T>(string name, T value) =>
        WriteCompressed(name, stream => JsonSerializer.Serialize(stream, value, EntryJson.Options));

    /// <summary>Writes bytes compressed.</summary>
    /// <param name="name">The entry's name.</param>
    /// <param name="write">Writes to a stream that cannot seek.</param>
    public void WriteCompressed(string name, Action<Stream> write) => Write(name, CompressionLevel.Optimal, write);

    /// <summary>Writes bytes uncompressed; there is no limit of 2 GB.</summary>
    /// <param name="name">The entry's name.</param>
    /// <param name="write">Writes to a stream that cannot seek.</param>
    public void WriteStored(string name, Action<Stream> write) => Write(name, CompressionLevel.NoCompression, write);

    private void Write(string name, CompressionLevel compression, Action<Stream> write)
    {
        using Stream stream = _archive.CreateEntry(Path.Combine(_folder, name), compression).Open();
        write(stream);
    }
}
