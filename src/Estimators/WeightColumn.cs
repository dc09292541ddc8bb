using Microsoft.ML;
using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>The optional column that says how much a row counts; what it holds is used or refused, and never passed over.</summary>
internal static class WeightColumn
{
    /// <summary>Why a row of weight 0 is left out.</summary>
    public const string NoWeight = "its weight is 0";

    private const double Least = 1e-30, Most = 1e30; // sums of weights and their inverses stay well within a double, and weights within a single

    /// <summary>Finds the column; <see langword="null"/> where there is none and none was asked for.</summary>
    /// <param name="schema">The data's.</param>
    /// <param name="name">Its name; need not be there under its default name.</param>
    /// <param name="option">The option that names it, for the errors.</param>
    /// <param name="fileOption">The option that makes it of a file's field, for the errors.</param>
    /// <exception cref="ArgumentOutOfRangeException">It was asked for and is missing, is no number, or would be passed over.</exception>
    public static DataViewSchema.Column? Find(DataViewSchema schema, string name, string option, string fileOption)
    {
        if (schema.GetColumnOrNull(name) is { } found)
        {
            if (NumberColumn.Is(found))
                return found;
            throw Fault($"The column '{name}' is {found.Type}, but a weight is a number: convert it by mlContext.Transforms.Conversion.ConvertType (or name "
                + $"its field by {fileOption} where the file is read), or set {option} to null to leave it out of account.");
        }
        if (name != ColumnNames.Weight)
            throw Fault($"The data has no column '{name}', which {option} names.");
        if (Near(schema) is { } near)
            throw Fault($"The data has a column '{near}', which would be left out of account: name it by {option}, or set that to null.");
        return null;
    }

    /// <summary>Refuses a column of weights where none can act.</summary>
    /// <param name="schema">The data's.</param>
    /// <param name="remedy">What to do instead, as a sentence.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is one.</exception>
    public static void Refuse(DataViewSchema schema, string remedy)
    {
        if (Near(schema) is { } name)
            throw Fault($"The data has a column '{name}', which would be left out of account. {remedy}");
    }

    /// <summary>A row's weight.</summary>
    /// <param name="weight">What the column holds.</param>
    /// <param name="place">The row, for the error.</param>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static double Checked(double weight, string place) => weight is 0 or (>= Least and <= Most)
        ? weight
        : throw new InvalidDataException(FormattableString.Invariant($"{place}: the weight is {weight}; it must be 0, or from {Least} to {Most}."));

    private static string? Near(DataViewSchema schema) =>
        schema.Select(column => column.Name).FirstOrDefault(name => name.Equals(ColumnNames.Weight, StringComparison.OrdinalIgnoreCase));

    private static ArgumentOutOfRangeException Fault(string what) => new("input", what);
}
