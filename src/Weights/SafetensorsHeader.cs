using System.Text.Json;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>The header of a safetensors file, checked as strictly as the reference implementation does.</summary>
/// <remarks>Format: https://github.com/huggingface/safetensors (8 bytes length, JSON, then the tensors without gap or overlap).</remarks>
internal static class SafetensorsHeader
{
    /// <summary>The longest header that the reference implementation accepts.</summary>
    public const long MaxBytes = 100_000_000;

    /// <summary>Tensors of a file.</summary>
    public const int MaxTensors = 50_000;
    private const int MaxDimensions = 64;

    // A header has about 100 bytes per tensor; one larger than the tensors themselves, beyond a first MB, is no model's.
    private const long FreeBytes = 1 << 20;

    /// <summary>Reads and checks the header.</summary>
    /// <exception cref="WeightFileException">It is not a valid header for a file of this length.</exception>
    public static Dictionary<string, WeightView> Read(ByteSource source)
    {
        if (source.Length < 8)
            throw source.Fail("byte 0", $"the file has {source.Length} bytes; a safetensors file starts with 8 bytes of header length");
        Span<byte> lengthBytes = stackalloc byte[8];
        source.Read(0, lengthBytes);
        ulong length = BitConverter.ToUInt64(lengthBytes);
        if (length > MaxBytes)
            throw source.Fail("byte 0", $"the header length is {length}; at most {MaxBytes} is allowed");
        if ((long)length > source.Length - 8)
            throw source.Fail("byte 0", $"the header length is {length}, but only {source.Length - 8} bytes follow");
        if ((long)length > FreeBytes && (long)length > source.Length / 2)
            throw source.Fail("byte 0", $"the header length is {length}, more than half of the file's {source.Length} bytes");

        byte[] json = new byte[(int)length];
        source.Read(8, json);
        if (json.Length == 0 || json[0] != (byte)'{')
            throw source.Fail("byte 8", "the header does not start with '{'");
        try
        {
            return Parse(source, json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw source.Fail("header", $"not valid JSON: {e.Message}", e);
        }
    }

    private static Dictionary<string, WeightView> Parse(ByteSource source, byte[] json)
    {
        long dataStart = 8 + json.Length;
        Dictionary<string, WeightView> tensors = [];
        List<(long Begin, long End, string Name)> extents = [];
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = 8 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            if (name == "__metadata__")
            {
                CheckMetadata(source, ref reader);
                continue;
            }
            if (tensors.Count == MaxTensors)
                throw source.Fail("header", $"more than {MaxTensors} tensors");
            (ScalarType type, long[] shape, long begin, long end) = ReadTensor(source, name, ref reader);
            if (begin > end)
                throw source.Fail($"tensor '{name}'", $"data_offsets [{begin}, {end}] run backwards");
            if (end > source.Length - dataStart)
                throw source.Fail($"tensor '{name}'", $"data_offsets [{begin}, {end}] end after the {source.Length - dataStart} bytes of data");
            long count = (end - begin) / ElementTypes.Size(type);
            WeightView? view = WeightView.TryCreate(source, dataStart + begin, count, type, 0, shape, null, out string fault);
            if (view is null || view.ElementCount * ElementTypes.Size(type) != end - begin)
            {
                throw source.Fail(
                    $"tensor '{name}'",
                    $"{type} [{string.Join(", ", shape)}] does not fill the {end - begin} bytes of data_offsets [{begin}, " +
                    $"{end}]{(view is null ? $": {fault}" : "")}");
            }

            if (!tensors.TryAdd(name, view))
                throw source.Fail($"tensor '{name}'", "named twice in the header");
            extents.Add((begin, end, name));
        }
        if (reader.Read())
            throw source.Fail("header", "something follows the closing brace");
        CheckExtents(source, extents, source.Length - dataStart);
        return tensors;
    }

    private static (ScalarType Type, long[] Shape, long Begin, long End) ReadTensor(ByteSource source, string name, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw source.Fail($"tensor '{name}'", "its description is not an object");
        ScalarType? type = null;
        List<long>? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string key = reader.GetString()!;
            reader.Read();
            bool twice = key switch { "dtype" => type is not null, "shape" => shape is not null, "data_offsets" => offsets is not null, _ => false };
            if (twice)
                throw source.Fail($"tensor '{name}'", $"'{key}' is there twice");
            switch (key)
            {
                case "dtype" when reader.TokenType == JsonTokenType.String:
                    string text = reader.GetString()!;
                    type = SafetensorsTypes.Parse(text)
                        ?? throw source.Fail($"tensor '{name}'", $"dtype '{text}' is not supported; known are {SafetensorsTypes.All}");
                    break;
                case "shape" when reader.TokenType == JsonTokenType.StartArray:
                    shape = ReadSizes(source, name, key, ref reader);
                    break;
                case "data_offsets" when reader.TokenType == JsonTokenType.StartArray:
                    offsets = ReadSizes(source, name, key, ref reader);
                    break;
                default:
                    throw source.Fail($"tensor '{name}'", $"'{key}' is not a text dtype, a shape array or a data_offsets array");
            }
        }
        if (type is null || shape is null || offsets is null)
            throw source.Fail($"tensor '{name}'", "dtype, shape and data_offsets must all be there");
        if (offsets.Count != 2)
            throw source.Fail($"tensor '{name}'", $"data_offsets has {offsets.Count} numbers instead of 2");
        return (type.Value, [.. shape], offsets[0], offsets[1]);
    }

    private static List<long> ReadSizes(ByteSource source, string name, string key, ref Utf8JsonReader reader)
    {
        List<long> sizes = [];
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long size) || size < 0)
                throw source.Fail($"tensor '{name}'", $"'{key}' holds something that is not a whole number from 0 to 2^63 - 1");
            if (sizes.Count == MaxDimensions)
                throw source.Fail($"tensor '{name}'", $"'{key}' has more than {MaxDimensions} numbers");
            sizes.Add(size);
        }
        return sizes;
    }

    private static void CheckMetadata(ByteSource source, ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw source.Fail("header", "__metadata__ is not an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                throw source.Fail("header", "__metadata__ holds a value that is not text");
        }
    }

    private static void CheckExtents(ByteSource source, List<(long Begin, long End, string Name)> extents, long dataLength)
    {
        extents.Sort();
        long expected = 0;
        string previous = "the header";
        foreach ((long begin, long end, string name) in extents)
        {
            if (begin < expected)
                throw source.Fail($"tensor '{name}'", $"its data begins at {begin}, inside that of '{previous}', which ends at {expected}");
            if (begin > expected)
                throw source.Fail($"tensor '{name}'", $"its data begins at {begin}; a hole follows {previous}, which ends at {expected}");
            expected = end;
            previous = name;
        }
        if (expected != dataLength)
            throw source.Fail($"byte {source.Length - dataLength + expected}", $"{dataLength - expected} bytes belong to no tensor");
    }
}
