using System.Text;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>A field that a row format knows by name, and what the current line has in it.</summary>
internal sealed class RowField(string name, FieldShape shape)
{
    private readonly byte[] _utf8Name = Encoding.UTF8.GetBytes(name);

    public string Name => name;

    public ReadOnlySpan<byte> Utf8Name => _utf8Name;

    public FieldShape Shape => shape;

    /// <summary>Whether the line names the field at all, be it with null.</summary>
    public bool IsNamed { get; set; }

    public FieldKind Kind { get; set; }

    /// <summary>The value's bytes in the line.</summary>
    public Range Json { get; set; }

    /// <summary>The messages, where <see cref="Kind"/> is <see cref="FieldKind.Messages"/>.</summary>
    public List<MessageSlice> Messages { get; } = [];

    public void Clear()
    {
        IsNamed = false;
        Kind = FieldKind.Absent;
        Json = default;
        Messages.Clear();
    }
}
