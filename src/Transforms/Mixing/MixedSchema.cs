using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Transforms.Mixing;

/// <summary>The columns that several data sets have in common, which must be all of them but the weights: rows of a set without weights count once.</summary>
internal sealed class MixedSchema
{
    private readonly DataViewSchema.Column?[][] _sources;

    /// <summary>Matches the columns by their names.</summary>
    /// <exception cref="ArgumentException">A set lacks a column of another, or has it with another type.</exception>
    public MixedSchema(IReadOnlyList<IDataView> sets)
    {
        DataViewSchema.Column[] columns =
        [
            .. sets.SelectMany(set => set.Schema).Where(column => !column.IsHidden).DistinctBy(column => column.Name),
        ];
        _sources = [.. sets.Select((set, i) => columns.Select(column => Source(set.Schema, column, i)).ToArray())];
        DataViewSchema.Builder schema = new();
        for (int i = 0; i < columns.Length; i++)
            schema.AddColumn(columns[i].Name, columns[i].Type, Notes([.. _sources.Select(source => source[i])]));
        Schema = schema.ToSchema();
    }

    /// <summary>The common columns.</summary>
    public DataViewSchema Schema { get; }

    /// <summary>A set's column of a common one; <see langword="null"/> for weights that the set has not.</summary>
    public DataViewSchema.Column? Source(int set, int column) => _sources[set][column];

    private static DataViewSchema.Column? Source(DataViewSchema schema, DataViewSchema.Column column, int set)
    {
        if (schema.GetColumnOrNull(column.Name) is not { } found)
        {
            if (column.Name == ColumnNames.Weight && column.Type is NumberDataViewType)
                return null;
            throw new ArgumentException(
                $"Data set {set + 1} has no column '{column.Name}', which another one has; its rows would have no value there. Add it, or drop it from the "
                    + $"others by mlContext.Transforms.DropColumns.");
        }
        return found.Type.Equals(column.Type)
            ? found
            : throw new ArgumentException($"The column '{column.Name}' is {found.Type} in data set {set + 1} and {column.Type} in another one; bring both "
                + $"to one type by mlContext.Transforms.Conversion.ConvertType.");
    }

    // texts on which all sets agree, and what files left out, added up
    private static DataViewSchema.Annotations? Notes(DataViewSchema.Column?[] columns)
    {
        DataViewSchema.Column[] there = [.. columns.OfType<DataViewSchema.Column>()];
        DataViewSchema.Annotations.Builder notes = new();
        foreach (string kind in there[0].Annotations.Schema.Where(note => note.Type is TextDataViewType).Select(note => note.Name))
        {
            if (kind == BadRowReport.AnnotationKind)
                continue;
            string?[] texts = [.. there.Select(column => TextNote.Find(column, kind))];
            if (texts.All(text => text == texts[0]))
            {
                notes.Add<ReadOnlyMemory<char>>(
                kind, TextDataViewType.Instance, (ref ReadOnlyMemory<char> value) => value = texts[0].AsMemory());
            }
        }
        DataViewSchema.Column[] reporting = [
            .. there.Where(column => column.Annotations.Schema.GetColumnOrNull(BadRowReport.AnnotationKind) is { Type: TextDataViewType })];
        if (reporting.Length > 0)
        {
            notes.Add<ReadOnlyMemory<char>>(
                BadRowReport.AnnotationKind, TextDataViewType.Instance,
                (ref ReadOnlyMemory<char> value) => value = Reports(reporting)?.ToAnnotation().AsMemory() ?? default);
        }
        return notes.ToAnnotations();
    }

    private static BadRowReport? Reports(DataViewSchema.Column[] columns)
    {
        BadRowReport[] reports = [.. columns.Select(BadRowReport.At).OfType<BadRowReport>()];
        return reports.Length == 0 ? null : BadRowReport.Sum(reports);
    }
}
