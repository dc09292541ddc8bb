using System.IO.Compression;
using System.Text.Json;
using Microsoft.ML;
using Microsoft.ML.Runtime;
using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Transforms.Persistence;

/// <summary>Reads a component's part of a saved model, straight from the zip without temporary files.</summary>
internal sealed class ModelEntryReader
{
    /// <summary>The most bytes of an entry that is read into memory; weights are streamed.</summary>
    public const long LargestInMemory = 64L << 20;

    private readonly Dictionary<string, ZipArchiveEntry> _entries;
    private readonly string _folder;

    /// <summary>Checks the part's version header.</summary>
    /// <exception cref="FormatException">The part is of another kind, or a newer version of this library wrote it.</exception>
    public ModelEntryReader(ModelLoadContext ctx, ModelFormat format)
    {
        ArgumentNullException.ThrowIfNull(ctx);
        if (ctx.Repository is null)
            throw Contracts.ExceptDecode($"{format.LoaderName} can be loaded by MLContext.Model.Load only: a single stream has no room for its entries.");
        _entries = ctx.Repository._entries;
        _folder = ctx.Directory ?? "";
        VersionInfo version = format.VersionInfo;
        if (ctx.Header.ModelSignature == version.ModelSignature && ctx.Header.ModelVerReadable > format.Version)
        {
            throw Contracts.ExceptDecode(
                $"'{_folder}' ({format.LoaderName}) is in format {ctx.Header.ModelVerReadable}, which a newer version of {version.LoaderAssemblyName} wrote; " +
                $"this one reads formats up to {format.Version}. Update the package.");
        }
        ctx.CheckAtModel(version);
    }

    /// <summary>Whether there is an entry of this name.</summary>
    public bool Contains(string name) => Find(name) is not null;

    /// <summary>Makes a component of what was written as JSON.</summary>
    /// <param name="name">The entry's name.</param>
    /// <param name="make">Makes the component; what it refuses is told as damage of the entry.</param>
    /// <exception cref="FormatException">The entry is missing, damaged or far too large, lacks a key, has an unknown one, or has values that make no
    /// component.</exception>
    public TComponent ReadJson<TSettings, TComponent>(string name, Func<TSettings, TComponent> make)
    {
        byte[] json = ReadBytes(name);
        return Explain(name, () => make(JsonSerializer.Deserialize<TSettings>(json, EntryJson.Options) ?? throw new InvalidDataException("it is null")));
    }

    /// <summary>Reads bytes into memory.</summary>
    /// <exception cref="FormatException">The entry is missing, damaged or far too large.</exception>
    public byte[] ReadBytes(string name)
    {
        ZipArchiveEntry entry = FindOrThrow(name);
        return Explain(name, () =>
        {
            if (entry.Length > LargestInMemory)
                throw new InvalidDataException($"it claims {entry.Length} bytes, and {LargestInMemory} is the most that can be right");
            using Stream stream = entry.Open();
            byte[] bytes = new byte[entry.Length];
            stream.ReadExactly(bytes);
            return Crc32.Update(0, bytes) == entry.Crc32 ? bytes : throw new InvalidDataException("its checksum is not that of what was saved");
        });
    }

    /// <summary>Reads bytes that were written with <see cref="ModelEntryWriter.WriteStored"/>, without a limit.</summary>
    /// <exception cref="FormatException">The entry is missing or damaged, or its bytes end early.</exception>
    public T ReadStored<T>(string name, Func<StoredEntry, T> read)
    {
        ZipArchiveEntry entry = FindOrThrow(name);
        return Explain(name, () =>
        {
            if (entry.CompressedLength != entry.Length)
                throw new InvalidDataException($"it claims {entry.Length} bytes and has {entry.CompressedLength}");
            using Stream stream = entry.Open();
            return read(new StoredEntry(stream, entry.Length, entry.Crc32));
        });
    }

    /// <summary>Uses what is in an entry; what is refused there is told as damage of that entry.</summary>
    /// <exception cref="FormatException">It was refused.</exception>
    public T Explain<T>(string name, Func<T> use)
    {
        try
        {
            return use();
        }
        catch (Exception failure) when (
            failure is JsonException or InvalidDataException or EndOfStreamException or ArgumentException or InvalidOperationException)
        {
            // No inner exception: ML.NET wraps this several times, and what GetBaseException then finds shall be this sentence.
            throw Contracts.ExceptDecode($"The model's entry '{PathOf(name)}' cannot be read: {failure.Message}");
        }
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    // ML.NET keys the entries by path with the system's separator, and old Windows files with '\'
    private ZipArchiveEntry? Find(string name)
    {
        string path = PathOf(name);
        return _entries.GetValueOrDefault(path) ?? _entries.GetValueOrDefault(path.Replace('/', '\\'));
    }

    private ZipArchiveEntry FindOrThrow(string name) =>
        Find(name)
            ?? throw Contracts.ExceptDecode(
            $"The model has no entry '{PathOf(name)}': the file is damaged or was changed after it was saved. Save the model again.");
}
