namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Reads one safetensors file.</summary>
internal sealed class SafetensorsReader : IWeightSource
{
    private readonly ByteSource _source;

    private SafetensorsReader(ByteSource source)
    {
        _source = source;
        Tensors = SafetensorsHeader.Read(source);
    }

    /// <inheritdoc/>
    public string Path => _source.Path;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, WeightView> Tensors { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="WeightFileException">It is not a valid safetensors file.</exception>
    public static SafetensorsReader Open(string path) => Open(FileByteSource.Open(path));

    /// <summary>Opens an entry of an archive; tensors must then be read in the order of the file, as <see cref="StateDictLoader"/> does.</summary>
    /// <param name="stream">At the first byte; disposed with the reader.</param>
    /// <param name="length">Bytes in the stream.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="WeightFileException">It is not a valid safetensors file.</exception>
    public static SafetensorsReader Open(Stream stream, long length, string name) => Open(new StreamByteSource(stream, length, name));

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private static SafetensorsReader Open(ByteSource source)
    {
        try
        {
            return new SafetensorsReader(source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }
}
