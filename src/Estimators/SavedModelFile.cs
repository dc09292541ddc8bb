using System.Buffers.Binary;
using System.IO.Compression;
using System.Reflection;
using System.Text;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms.Persistence;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Loads a file that ML.NET saved, after a look at what its loader trusts; whatever is wrong with the file ends in one sentence.</summary>
/// <remarks>
/// ML.NET makes the components of a file through reflection and wraps what they throw several times over, and it checks neither checksums nor lengths of its
/// own entries: a chain that claims 2^31 transformers is an array of as many.
/// </remarks>
internal static class SavedModelFile
{
    /// <summary>Entries of a file.</summary>
    public const int MaxEntries = 100_000;

    /// <summary>Bytes that an entry may have unpacked when it is packed to less than a hundredth of them.</summary>
    public const long MaxPackedBytes = 256L << 20;

    // of ML.NET's ModelHeader
    private const int HeaderBytes = 0x100, ModelOffset = 0x10, LoaderOffset = 0x50, LoaderBytes = 24, MaxHeaderFileBytes = 64 << 20, LargestRatio = 100;
    private const string HeaderName = "Model.key", ChainLoader = "TransformerChain", PartPrefix = "Transform_", WeightsSuffix = ".safetensors";

    /// <summary>Loads the file.</summary>
    /// <param name="context">The context to load with.</param>
    /// <param name="path">The file.</param>
    /// <param name="inputSchema">The schema that was saved with it, or <see langword="null"/>.</param>
    /// <param name="options">What the model may be like.</param>
    /// <param name="share">What others may do with the file meanwhile.</param>
    /// <exception cref="InvalidDataException">It is damaged, or no such file.</exception>
    /// <exception cref="IOException">It cannot be opened, or is not there.</exception>
    public static ITransformer Load(
        MLContext context, string path, out DataViewSchema? inputSchema, ModelLoadOptions options, FileShare share = FileShare.Read)
    {
        using FileStream file = RegularFile.OpenRead(path, FileOptions.None, share);
        using BufferedStream buffered = new(file, 1 << 16);
        try
        {
            Check(buffered);
            buffered.Position = 0;
            using ModelLoadScope scope = new(options);
            ITransformer loaded = context.Model.Load(buffered, out DataViewSchema schema);
            inputSchema = schema;
            return loaded;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw new InvalidDataException($"{path} cannot be loaded: {Sentence(failure)}", failure);
        }
    }

    private static void Check(Stream stream)
    {
        using ZipArchive archive = new(stream, ZipArchiveMode.Read, leaveOpen: true);
        if (archive.Entries.Count > MaxEntries)
            throw new InvalidDataException($"it has {archive.Entries.Count} entries, and at most {MaxEntries} are read.");
        Dictionary<string, ZipArchiveEntry> entries = new(StringComparer.Ordinal);
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            string name = entry.FullName.Replace('\\', '/');
            if (!entries.TryAdd(name, entry))
                throw new InvalidDataException($"it has two entries '{name}'.");
        }
        foreach ((string name, ZipArchiveEntry entry) in entries)
        {
            // weights are stored as they are, and whoever reads them compares the checksum
            if (name.EndsWith(WeightsSuffix, StringComparison.Ordinal) && entry.CompressedLength == entry.Length)
                continue;
            CheckContents(name, entry);
            if (Path.GetFileName(name) == HeaderName)
                CheckChain(name, entry, entries.Keys);
        }
    }

    private static void CheckContents(string name, ZipArchiveEntry entry)
    {
        if (entry.Length > MaxPackedBytes && entry.Length / LargestRatio > entry.CompressedLength)
            throw new InvalidDataException($"its entry '{name}' has {entry.CompressedLength} bytes that unpack to {entry.Length}.");
        byte[] block = new byte[(int)Math.Clamp(entry.Length + 1, 1, 1 << 20)];
        uint sum = 0;
        long length = 0;
        using Stream stream = entry.Open();
        for (int read; (read = stream.Read(block)) > 0;)
        {
            sum = Crc32.Update(sum, block.AsSpan(0, read));
            length += read;
            if (length > entry.Length)
                break;
        }
        if (length != entry.Length || sum != entry.Crc32)
            throw new InvalidDataException($"its entry '{name}' is not what was saved, by its length or checksum. Save the model again.");
    }

    private static void CheckChain(string name, ZipArchiveEntry entry, IEnumerable<string> names)
    {
        if (entry.Length is < HeaderBytes or > MaxHeaderFileBytes)
            throw new InvalidDataException($"its entry '{name}' has {entry.Length} bytes, which no part of a model has.");
        byte[] bytes = new byte[entry.Length];
        using (Stream stream = entry.Open())
            stream.ReadExactly(bytes);
        if (Encoding.ASCII.GetString(bytes, LoaderOffset, LoaderBytes).TrimEnd('\0') != ChainLoader)
            return;
        long start = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(ModelOffset));
        if (start < HeaderBytes || start > bytes.Length - sizeof(int))
            throw new InvalidDataException($"its entry '{name}' is damaged: its contents would begin at byte {start} of {bytes.Length}.");
        int claimed = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan((int)start));
        string prefix = name[..^HeaderName.Length] + PartPrefix;
        int parts = names.Count(other => other.StartsWith(prefix, StringComparison.Ordinal) && other.EndsWith('/' + HeaderName, StringComparison.Ordinal)
            && other.IndexOf('/', prefix.Length) == other.Length - HeaderName.Length - 1);
        if (claimed != parts)
            throw new InvalidDataException($"its entry '{name}' claims a chain of {claimed} transformers, and the file has {parts}.");
    }

    // ML.NET's wrappers say nothing; what they wrap does, unless it is a fault that no file should be able to cause.
    private static string Sentence(Exception failure)
    {
        Exception cause = failure;
        while (cause is TargetInvocationException or AggregateException or InvalidOperationException && cause.InnerException is { } inner)
            cause = inner;
        if (cause is FormatException or InvalidDataException or InvalidOperationException or ArgumentException or IOException
            or ChatTemplateException or NotSupportedException)
        {
            return $"{cause.Message}{(cause.InnerException is { } detail ? $" ({detail.Message})" : "")}";
        }

        return $"the file is damaged, or holds a part that does not check what it reads: ML.NET's loader ended in {cause.GetType().Name} ({cause.Message})";
    }
}
