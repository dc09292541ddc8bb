using Google.Protobuf;

namespace MiniMind.MLNet.Dpo.Weights.Onnx;

/// <summary>A message of the protocol buffers that ONNX files consist of, written field by field.</summary>
internal sealed class OnnxMessage
{
    private readonly MemoryStream _bytes = new();
    private readonly CodedOutputStream _fields;

    public OnnxMessage() => _fields = new CodedOutputStream(_bytes, leaveOpen: true);

    /// <summary>Adds a whole number.</summary>
    public OnnxMessage Add(int field, long value)
    {
        _fields.WriteTag(field, WireFormat.WireType.Varint);
        _fields.WriteInt64(value);
        return this;
    }

    /// <summary>Adds a 32-bit floating-point number.</summary>
    public OnnxMessage Add(int field, float value)
    {
        _fields.WriteTag(field, WireFormat.WireType.Fixed32);
        _fields.WriteFloat(value);
        return this;
    }

    /// <summary>Adds text.</summary>
    public OnnxMessage Add(int field, string value)
    {
        _fields.WriteTag(field, WireFormat.WireType.LengthDelimited);
        _fields.WriteString(value);
        return this;
    }

    /// <summary>Adds bytes.</summary>
    public OnnxMessage Add(int field, ReadOnlySpan<byte> value)
    {
        _fields.WriteTag(field, WireFormat.WireType.LengthDelimited);
        _fields.WriteBytes(ByteString.CopyFrom(value));
        return this;
    }

    /// <summary>Adds a message within this one.</summary>
    public OnnxMessage Add(int field, OnnxMessage value) => Add(field, value.ToArray());

    /// <summary>Adds several messages under the same field.</summary>
    public OnnxMessage AddAll(int field, IEnumerable<OnnxMessage> values)
    {
        foreach (OnnxMessage value in values)
            Add(field, value);
        return this;
    }

    /// <summary>The bytes.</summary>
    public byte[] ToArray()
    {
        _fields.Flush();
        return _bytes.ToArray();
    }
}
