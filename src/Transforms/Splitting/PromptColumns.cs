using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Transforms.Splitting;

/// <summary>The columns that say what a row's prompt is: two conversations, or a text of its own.</summary>
internal sealed class PromptColumns
{
    private readonly DataViewSchema.Column[] _columns;
    private readonly DataViewSchema.Column? _line;
    private readonly int _seed;

    private PromptColumns(DataViewSchema schema, int seed, params string[] names)
    {
        _columns = [.. names.Select(name => InputColumn.Text(name).Bind(schema))];
        _line = schema.GetColumnOrNull(ColumnNames.LineNumber) is { } found && found.Type == NumberDataViewType.Int64 ? found : null;
        _seed = seed;
    }

    /// <summary>The columns that a cursor must have.</summary>
    public IEnumerable<DataViewSchema.Column> Needed => _line is { } line ? _columns.Append(line) : _columns;

    /// <summary>The prompt is what two conversations share.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is no text.</exception>
    public static PromptColumns OfPair(DataViewSchema schema, string chosen, string rejected, int seed) => new(schema, seed, chosen, rejected);

    /// <summary>The prompt stands in a column of its own.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such column, or it is no text.</exception>
    public static PromptColumns OfKey(DataViewSchema schema, string key, int seed) => new(schema, seed, key);

    /// <summary>Reads where the prompt of a cursor's row falls.</summary>
    /// <param name="cursor">Has the columns that are needed.</param>
    /// <returns>To be called for each row; an <see cref="InvalidDataException"/> names the row that has no prompt.</returns>
    public Func<double> Place(DataViewRowCursor cursor)
    {
        ValueGetter<ReadOnlyMemory<char>>[] texts = [.. _columns.Select(cursor.GetGetter<ReadOnlyMemory<char>>)];
        ValueGetter<long>? line = _line is { } numbered ? cursor.GetGetter<long>(numbered) : null;
        string Text(int column)
        {
            ReadOnlyMemory<char> text = default;
            texts[column](ref text);
            return text.ToString();
        }
        return () => PromptPlace.Of(texts.Length == 1 ? PromptText.Normalise(Text(0)) : Prompt(Text(0), Text(1), cursor, line), _seed);
    }

    private string Prompt(string chosen, string rejected, DataViewRowCursor cursor, ValueGetter<long>? line)
    {
        try
        {
            return PromptText.Of(chosen, rejected);
        }
        catch (InvalidDataException fault)
        {
            long number = 0;
            line?.Invoke(ref number);
            throw new InvalidDataException(
                $"A split by prompt cannot use {(line is null ? $"the row at position {cursor.Position}" : $"line {number}")} " +
                $"of columns '{_columns[0].Name}' and '{_columns[1].Name}': {fault.Message}. " +
                "Where the prompt stands in a text column of its own, name that by samplingKeyColumnName.", fault);
        }
    }
}
