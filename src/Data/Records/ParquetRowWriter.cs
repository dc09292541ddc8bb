using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>Puts the columns of a row group together again, row by row, as JSON objects.</summary>
internal sealed class ParquetRowWriter(IReadOnlyList<ParquetNode> nodes) : IDisposable
{
    private readonly ArrayBufferWriter<byte> _buffer = new(1024);
    private readonly Utf8JsonWriter _writer = new(Stream.Null,
        new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    private IReadOnlyList<ParquetColumn> _columns = [];

    /// <summary>The row last written.</summary>
    public ReadOnlySpan<byte> Row => _buffer.WrittenSpan;

    /// <summary>Writes the next row of the columns.</summary>
    /// <exception cref="InvalidDataException">The columns do not fit together.</exception>
    public void Write(IReadOnlyList<ParquetColumn> columns)
    {
        _columns = columns;
        _buffer.ResetWrittenCount();
        _writer.Reset(_buffer);
        WriteObject(nodes);
        _writer.Flush();
        foreach (ParquetColumn column in columns)
        {
            if (!column.IsAtEnd && column.Repetition != 0)
                throw new InvalidDataException("a column goes on where the row has ended");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private void WriteNode(ParquetNode node)
    {
        ParquetColumn first = _columns[node.FirstLeaf];
        if (node.Kind == ParquetNodeKind.Value)
        {
            first.Write(_writer);
            return;
        }
        if (first.IsAtEnd)
            throw new InvalidDataException($"column '{Excerpt.Of(node.Name)}' has fewer entries than the others");
        int definition = first.Definition;
        if (definition < node.Definition)
            WriteAbsent(node);
        else if (node.Kind == ParquetNodeKind.Object)
            WriteObject(node.Children);
        else
            WriteItems(node, isEmpty: definition < node.ItemDefinition);
    }

    private void WriteAbsent(ParquetNode node)
    {
        _writer.WriteNullValue();
        Skip(node);
    }

    private void WriteObject(IReadOnlyList<ParquetNode> members)
    {
        _writer.WriteStartObject();
        foreach (ParquetNode member in members)
        {
            _writer.WritePropertyName(member.Name);
            WriteNode(member);
        }
        _writer.WriteEndObject();
    }

    private void WriteItems(ParquetNode node, bool isEmpty)
    {
        ParquetColumn first = _columns[node.FirstLeaf];
        bool isMap = node.Kind == ParquetNodeKind.Map;
        if (isMap)
            _writer.WriteStartObject();
        else
            _writer.WriteStartArray();
        if (isEmpty)
        {
            Skip(node);
        }
        else
        {
            do
            {
                if (isMap)
                    WritePair(node);
                else
                    WriteNode(node.Children[0]);
            }
            while (!first.IsAtEnd && first.Repetition == node.Repetition);
        }
        if (isMap)
            _writer.WriteEndObject();
        else
            _writer.WriteEndArray();
    }

    // A key is a text in JSON, whatever it is in the file.
    private void WritePair(ParquetNode map)
    {
        if (map.Children[0].Kind != ParquetNodeKind.Value)
            throw new InvalidDataException($"the keys of '{Excerpt.Of(map.Name)}' are no single values");
        ArrayBufferWriter<byte> key = new();
        using (Utf8JsonWriter writer = new(key))
            _columns[map.Children[0].FirstLeaf].Write(writer);
        using JsonDocument text = JsonDocument.Parse(key.WrittenMemory);
        _writer.WritePropertyName(text.RootElement.ToString());
        WriteNode(map.Children[1]);
    }

    private void Skip(ParquetNode node)
    {
        for (int i = 0; i < node.Leaves; i++)
            _columns[node.FirstLeaf + i].Skip();
    }
}
