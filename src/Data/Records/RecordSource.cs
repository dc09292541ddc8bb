namespace MiniMind.MLNet.Dpo.Data.Records;

/// <summary>Opens a file as what it holds.</summary>
/// <param name="options">Valid options.</param>
/// <param name="anyKind">Whether every kind is read, or JSON lines only.</param>
internal sealed class RecordSource(JsonlFileOptions options, bool anyKind)
{
    private const string Readable = "Files that can be read: JSON lines, a JSON array, CSV or TSV with a header, these packed by gzip, and Parquet.";

    private const string NotByThisVerb =
        "and this verb reads one JSON object per line; read it by the verb for files of every kind (LoadFromFile, LoadConversationsFromFile).";

    /// <summary>Opens a file at its first record.</summary>
    /// <exception cref="PreferenceDataException">The file is of a kind that is not read, or cannot be read at all.</exception>
    public RecordReader Open(JsonlSource source)
    {
        Stream stream = source.Open();
        try
        {
            return Open(source.Path, stream, isUnpacked: false);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    private RecordReader Open(string path, Stream stream, bool isUnpacked)
    {
        BegunStream begun = new(stream, FileContentReader.BeginningBytes);
        FileContent content = FileContentReader.Read(begun.Beginning, anyKind && options.Delimiter is { } delimiter ? (byte)delimiter : null);
        if (content.Kind == FileKind.Foreign)
        {
            string packed = isUnpacked ? "what the gzip file holds cannot be read: " : "";
            throw Refusal(path, packed + content.Refusal, anyKind && content.IsOtherKind ? $" {Readable}" : "");
        }
        if (!anyKind)
            return MayBeLines(content) ? Lines(begun) : throw Refusal(path, $"the file is {content.Name}, {NotByThisVerb}");
        return content.Kind switch
        {
            FileKind.Array => new ElementReader(begun, path, options.MaxLineBytes, isArray: true),
            FileKind.Objects => new ElementReader(begun, path, options.MaxLineBytes, isArray: false),
            FileKind.Table => new TableReader(begun, path, content.Delimiter, options.MaxLineBytes),
            FileKind.Gzip when !isUnpacked => Open(path, new GzipReadStream(begun, path), isUnpacked: true),
            FileKind.Gzip => throw Refusal(path, "the gzip file holds another gzip file; unpack it once."),
            FileKind.Parquet when !isUnpacked => new ParquetRowReader(stream, path, options),
            FileKind.Parquet => throw Refusal(path, "the gzip file holds a Parquet file, which is read from its end; unpack it."),
            FileKind.Text => throw Refusal(
                path,
                $"the file begins with '{Excerpt.Of(begun.Beginning)}', which is no JSON and no header of a table. {Readable} "
                + $"A table of one column needs {nameof(options.Delimiter)}."),
            _ => Lines(begun),
        };
    }

    private static bool MayBeLines(FileContent content) =>
        content.Kind is FileKind.Lines or FileKind.Text || (content.Kind is FileKind.Array or FileKind.Table && !content.IsRegular);

    private static PreferenceDataException Refusal(string path, string sentence, string more = "") => new(path, null, null, null, sentence + more);

    private LineReader Lines(Stream stream) => new(stream, options.MaxLineBytes);
}
