using System.Buffers.Binary;
using System.Text;

namespace MiniMind.MLNet.Dpo.Weights.Gguf;

/// <summary>The keys of a GGUF file with their values, as they are going to be written.</summary>
internal sealed class GgufMetadata
{
    private const uint UInt32Type = 4, Int32Type = 5, Float32Type = 6, BoolType = 7, StringType = 8, ArrayType = 9;

    private readonly MemoryStream _bytes = new();
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);

    /// <summary>How many keys there are.</summary>
    public int Count => _keys.Count;

    /// <summary>The keys and values in the file's format.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.GetBuffer().AsMemory(0, (int)_bytes.Length);

    /// <summary>Adds a whole number.</summary>
    public void Add(string key, int value)
    {
        Begin(key, UInt32Type);
        WriteNumber((uint)value);
    }

    /// <summary>Adds a number, in single precision.</summary>
    public void Add(string key, double value)
    {
        Begin(key, Float32Type);
        WriteNumber(BitConverter.SingleToUInt32Bits((float)value));
    }

    /// <summary>Adds a truth value.</summary>
    public void Add(string key, bool value)
    {
        Begin(key, BoolType);
        _bytes.WriteByte(value ? (byte)1 : (byte)0);
    }

    /// <summary>Adds a text.</summary>
    public void Add(string key, string value)
    {
        Begin(key, StringType);
        Write(value);
    }

    /// <summary>Adds a list of texts.</summary>
    public void Add(string key, IReadOnlyCollection<string> values)
    {
        BeginList(key, StringType, values.Count);
        foreach (string value in values)
            Write(value);
    }

    /// <summary>Adds a list of whole numbers.</summary>
    public void Add(string key, IReadOnlyCollection<int> values)
    {
        BeginList(key, Int32Type, values.Count);
        foreach (int value in values)
            WriteNumber((uint)value);
    }

    private void Begin(string key, uint type)
    {
        if (!_keys.Add(key))
            throw new ArgumentException($"The key '{key}' is there already.", nameof(key));
        Write(key);
        WriteNumber(type);
    }

    private void BeginList(string key, uint type, int count)
    {
        Begin(key, ArrayType);
        WriteNumber(type);
        WriteLength(count);
    }

    private void Write(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        WriteLength(bytes.Length);
        _bytes.Write(bytes);
    }

    private void WriteNumber(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        _bytes.Write(bytes);
    }

    private void WriteLength(int value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        _bytes.Write(bytes);
    }
}
