using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Bench.Peers.Training;

/// <summary>A plain reader of the goldens' safetensors files, fp32 and int64.</summary>
internal sealed class GoldenFile
{
    private readonly Dictionary<string, Tensor> _tensors = [];

    /// <summary>Reads all of it; the current scope has the tensors.</summary>
    public GoldenFile(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int header = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        using JsonDocument document = JsonDocument.Parse(bytes.AsMemory(8, header));
        foreach (JsonProperty entry in document.RootElement.EnumerateObject().Where(entry => entry.Name != "__metadata__"))
        {
            int[] extent = [.. entry.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt32() + 8 + header)];
            long[] shape = [.. entry.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64())];
            Span<byte> data = bytes.AsSpan(extent[0]..extent[1]);
            string type = entry.Value.GetProperty("dtype").GetString()!;
            _tensors.Add(entry.Name, type switch
            {
                "F32" => tensor(MemoryMarshal.Cast<byte, float>(data).ToArray()).reshape(shape),
                "I64" => tensor(MemoryMarshal.Cast<byte, long>(data).ToArray()).reshape(shape),
                _ => throw new InvalidDataException($"{path}: '{entry.Name}' is {type}; F32 and I64 are read."),
            });
        }
    }

    /// <summary>All tensors by their names.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _tensors;
}
