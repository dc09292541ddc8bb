using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Infrastructure;

/// <summary>A plain reader of golden safetensors files, independent of the library's own.</summary>
internal sealed class GoldenTensors
{
    private readonly byte[] _bytes;
    private readonly Dictionary<string, (string Type, long[] Shape, long Start, long End)> _entries = [];

    public GoldenTensors(string path)
    {
        _bytes = File.ReadAllBytes(path);
        int headerLength = (int)BinaryPrimitives.ReadUInt64LittleEndian(_bytes);
        using JsonDocument header = JsonDocument.Parse(_bytes.AsMemory(8, headerLength));
        foreach (JsonProperty entry in header.RootElement.EnumerateObject().Where(e => e.Name != "__metadata__"))
        {
            long[] extent = [.. entry.Value.GetProperty("data_offsets").EnumerateArray().Select(o => o.GetInt64() + 8 + headerLength)];
            long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())];
            _entries.Add(entry.Name, (entry.Value.GetProperty("dtype").GetString()!, shape, extent[0], extent[1]));
        }
    }

    public IEnumerable<string> Names => _entries.Keys;

    public bool Has(string name) => _entries.ContainsKey(name);

    public long[] Shape(string name) => _entries[name].Shape;

    /// <summary>A tensor of the file, of its own shape; the caller's scope disposes it.</summary>
    public Tensor this[string name]
    {
        get
        {
            (string type, long[] shape, long start, long end) = _entries[name];
            ReadOnlySpan<byte> data = _bytes.AsSpan((int)start, (int)(end - start));
            return type switch
            {
                "F32" => tensor(MemoryMarshal.Cast<byte, float>(data).ToArray(), shape),
                "I64" => tensor(MemoryMarshal.Cast<byte, long>(data).ToArray(), shape),
                _ => throw new NotSupportedException($"golden dtype {type}"),
            };
        }
    }
}
