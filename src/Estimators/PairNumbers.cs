using Microsoft.ML;
using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>The optional columns with a pair's weight and its margin; what they hold is used or refused, and never passed over.</summary>
internal sealed class PairNumbers
{
    private const string InputColumns = nameof(DpoTrainer.Options.InputColumns);

    private readonly DataViewSchema.Column? _weight, _margin;
    private readonly PreferenceMargin? _asked;

    private PairNumbers(DataViewSchema.Column? weight, DataViewSchema.Column? margin, PreferenceMargin? asked) => (_weight, _margin, _asked) = (
        weight, margin, asked);

    /// <summary>The columns that a cursor must have.</summary>
    public IEnumerable<DataViewSchema.Column> Columns => new[] { _weight, _margin }.OfType<DataViewSchema.Column>();

    /// <summary>Finds the columns.</summary>
    /// <param name="schema">The data's.</param>
    /// <param name="columns">Their names.</param>
    /// <param name="margin">What margins are for; <see langword="null"/> where the trainer takes none.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column that is asked for is missing, is no number, or would be passed over.</exception>
    public static PairNumbers Find(DataViewSchema schema, PairColumns columns, PreferenceMargin? margin)
    {
        DataViewSchema.Column? weight = columns.Weight is { } name ? WeightOf(schema, name, InputColumns) : null;
        DataViewSchema.Column? margins = columns.Margin is { } other ? MarginOf(schema, other, margin) : null;
        if (margin is not null && margins is null)
        {
            throw Fault($"{nameof(DpoTrainer.Options.Margin)} is set, and {InputColumns}.{nameof(columns.Margin)} is "
            + $"null: name the column with the margins");
        }

        return new PairNumbers(weight, margins, margin);
    }

    /// <summary>Finds the columns of scored pairs. Margins that the loss was trained with are taken where the data still has them; without, the loss is not
    /// known.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The column with the weights is no number, or would be passed over.</exception>
    public static PairNumbers ForEvaluation(DataViewSchema schema, ScoreColumns columns, PreferenceMargin? margin)
    {
        DataViewSchema.Column? weight = columns.Weight is { } name ? WeightOf(schema, name, nameof(ScoreColumns)) : null;
        return new PairNumbers(weight, margin is not null && Given(schema, ColumnNames.Margin) is { } given && NumberColumn.Is(given) ? given : null, margin);
    }

    /// <summary>Makes a reader of a live row's weight and offset, which is told the row's place for its errors.</summary>
    public Func<string, (double Weight, double Offset)> Reader(DataViewRow row)
    {
        Func<double>? weights = _weight is { } weight ? NumberColumn.Reader(row, weight) : null, margins = _margin is { } margin
            ? NumberColumn.Reader(row, margin) : null;
        return place => (
            weights is null ? 1 : WeightColumn.Checked(weights(), place),
            margins is not null ? Offset(margins(), place) : _asked is null ? 0 : double.NaN);
    }

    private static DataViewSchema.Column? WeightOf(DataViewSchema schema, string name, string owner) => WeightColumn.Find(
        schema, name, $"{owner}.{nameof(PairColumns.Weight)}", $"{nameof(PreferenceFileOptions)}.{nameof(PreferenceFileOptions.Weight)}");

    private static DataViewSchema.Column? MarginOf(DataViewSchema schema, string name, PreferenceMargin? asked)
    {
        DataViewSchema.Column? found = Given(schema, name);
        if (asked is not null)
        {
            if (found is not { } column)
            {
                throw Fault($"{nameof(DpoTrainer.Options.Margin)} is set, and the data has no column '{name}' of margins"
                    + (schema.GetColumnOrNull(name) is null ? "" : " but that of a model's scores; copy it to a column of another name where those are meant"));
            }

            return NumberColumn.Is(column) ? column
                : throw Fault($"the column '{name}' is {column.Type}, but a margin is a number: convert it by mlContext.Transforms.Conversion.ConvertType");
        }
        if (found is not null || name != ColumnNames.Margin)
        {
            throw Fault($"{(found is null ? $"{InputColumns}.{nameof(PairColumns.Margin)} names" : "the data has")} a column '{name}', which would be left "
                + $"out of account: say by {nameof(DpoTrainer.Options.Margin)} what it is for "
                + $"({nameof(PreferenceMargin)}.{nameof(PreferenceMargin.LogScoreGap)}() or .{nameof(PreferenceMargin.Plain)}()), or "
                    + $"set {InputColumns}.{nameof(PairColumns.Margin)} to null");
        }

        return null;
    }

    /// <summary>The column of that name which no model made; a scorer's hides it, under the same name.</summary>
    internal static DataViewSchema.Column? Given(DataViewSchema schema, string name)
    {
        DataViewSchema.Column? given = null;
        foreach (DataViewSchema.Column column in schema)
        {
            if (column.Name == name && !ObjectiveNote.IsAt(column))
                given = column;
        }
        return given;
    }

    private double Offset(double margin, string place)
    {
        double offset = _asked!.Offset(margin, out string? fault);
        return fault is null ? offset : throw new InvalidDataException(FormattableString.Invariant($"{place}: the margin is {margin}; {fault}."));
    }

    private static ArgumentOutOfRangeException Fault(string what) => new("input", $"{char.ToUpperInvariant(what[0])}{what[1..]}.");
}
