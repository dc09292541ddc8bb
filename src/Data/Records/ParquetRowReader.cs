using Parquet;
using Parquet.Meta;
using Parquet.Schema;

namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>Reads a Parquet file row by row, one row group in memory at a time.</summary>
/// <remarks>Nested columns become JSON's lists and objects, null stays null; a row's number stands for its line.</remarks>
internal sealed class ParquetRowReader : RecordReader
{
    // what the decoder keeps of a row group's memory for the next one
    private const int KeptBytes = 8 << 20;

    // a value's two levels, and the place of its text
    private const int BytesPerEntry = 24;

    private readonly string _path;
    private readonly JsonlFileOptions _options;
    private readonly Stream _stream;
    private readonly ParquetReader _file;
    private readonly DataField[] _fields;
    private readonly ParquetRowWriter _writer;
    private List<ParquetColumn> _columns = [];
    private int _group;
    private long _rowsLeft;
    private long _row;

    /// <summary>Opens a file by its footer.</summary>
    /// <exception cref="PreferenceDataException">The file is damaged, or has what is not read; the stream is left open then.</exception>
    public ParquetRowReader(Stream stream, string path, JsonlFileOptions options)
    {
        (_stream, _path, _options) = (stream, path, options);
        (_file, _fields, _writer) = Explain(() =>
        {
            ParquetOptions decoding = new() { UseDateOnlyTypeForDates = true, MaximumSmallPoolFreeBytes = KeptBytes, MaximumLargePoolFreeBytes = KeptBytes };
            ParquetMetadata.CheckFile(stream);
            stream.Position = 0;
            ParquetReader file = Wait(() => ParquetReader.CreateAsync(stream, decoding, leaveStreamOpen: true));
            FileMetaData metadata = file.Metadata ?? throw new InvalidDataException("it has no metadata");
            IReadOnlyList<ParquetNode> nodes = new ParquetTree(metadata.Schema).Read();
            DataField[] fields = file.Schema.GetDataFields();
            CheckLeaves(nodes, fields);
            return (file, fields, new ParquetRowWriter(nodes));
        });
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Record => _writer.Row;

    /// <inheritdoc/>
    public override long LineNumber => _row;

    /// <inheritdoc/>
    public override long Ordinal => _row;

    /// <inheritdoc/>
    public override bool CountsLines => false;

    /// <inheritdoc/>
    public override string Noun => "row";

    /// <inheritdoc/>
    public override string LengthAdvice => "leave out columns that are not needed";

    /// <inheritdoc/>
    public override LineStatus Read()
    {
        while (_rowsLeft == 0)
        {
            Close();
            if (_group == _file.RowGroupCount)
                return LineStatus.End;
            Explain(() => OpenGroup(_group++));
        }
        _rowsLeft--;
        _row++;
        Explain(() =>
        {
            _writer.Write(_columns);
            if (_rowsLeft == 0 && _columns.Exists(column => !column.IsAtEnd))
                throw new InvalidDataException("a column has more entries than the row group has rows");
            return true;
        });
        return Record.Length > _options.MaxLineBytes ? LineStatus.TooLong : LineStatus.Line;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        Close();
        _writer.Dispose();
        Wait(async () =>
        {
            await _file.DisposeAsync().ConfigureAwait(false);
            return true;
        });
        _stream.Dispose();
    }

    private static T Wait<T>(Func<Task<T>> task) => Task.Run(task).GetAwaiter().GetResult();

    private static void CheckLeaves(IReadOnlyList<ParquetNode> nodes, DataField[] fields)
    {
        List<ParquetNode> leaves = new();
        Stack<ParquetNode> open = new(nodes.Reverse());
        while (open.TryPop(out ParquetNode? node))
        {
            if (node.Kind == ParquetNodeKind.Value)
                leaves.Add(node);
            foreach (ParquetNode child in node.Children.Reverse())
                open.Push(child);
        }
        if (leaves.Count != fields.Length || leaves.Where((leaf, i) => leaf.Definition != fields[i].MaxDefinitionLevel).Any())
            throw new InvalidDataException("it nests its columns in a way that is not read");
    }

    private void Close()
    {
        foreach (ParquetColumn column in _columns)
            column.Dispose();
        _columns = [];
    }

    private bool OpenGroup(int index)
    {
        using ParquetRowGroupReader group = _file.OpenRowGroupReader(index);
        CheckSize(group.RowGroup, index);
        _rowsLeft = group.RowCount;
        foreach (DataField field in _fields)
            _columns.Add(ParquetColumns.Create(Wait(async () => await group.ReadRawColumnDataBaseAsync(field, default).ConfigureAwait(false)), field));
        return true;
    }

    private void CheckSize(RowGroup group, int index)
    {
        decimal bytes = 0;
        foreach (ColumnChunk chunk in group.Columns)
        {
            ColumnMetaData data = chunk.MetaData ?? throw new InvalidDataException("a column of it is in another file or encrypted");
            if (data.NumValues < 0 || group.NumRows < 0 || data.TotalUncompressedSize < 0 || data.TotalCompressedSize < 0
                || data.TotalCompressedSize > _stream.Length)
            {
                throw new InvalidDataException("its metadata name sizes that cannot be");
            }

            bytes += 2m * data.TotalUncompressedSize + (decimal)BytesPerEntry * data.NumValues;
        }
        if (bytes > _options.MaxRowGroupBytes)
        {
            throw new PreferenceDataException(
                _path, null, null, null,
                $"row group {index + 1} takes about {bytes} bytes when unpacked, and {_options.MaxRowGroupBytes} are allowed; "
                + $"write the file with smaller row groups (row_group_size=10000), or raise {nameof(_options.MaxRowGroupBytes)}.");
        }
    }

    // Whatever a damaged file leads the decoder to is told as damage of this file.
    private T Explain<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is not (PreferenceDataException or UnauthorizedAccessException))
        {
            string where = _row > 0 ? $" beyond row {_row}" : "";
            string what = Excerpt.Of(error.Message.TrimEnd('.'));
            throw new PreferenceDataException(
                _path, null, null, null, $"the Parquet file cannot be read{where}: {what}; it is damaged or uses what is not read here. Write it anew.", error);
        }
    }
}
