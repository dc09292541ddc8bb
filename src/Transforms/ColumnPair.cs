using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>A column that is made of another one.</summary>
internal sealed record ColumnPair(string Output, string Input)
{
    /// <summary>The pairs that a verb was given.</summary>
    /// <exception cref="ArgumentException">There are none, or one is missing.</exception>
    public static ColumnPair[] From(InputOutputColumnPair[] columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        return Checked([.. columns.Select(pair => pair is null ? null! : new ColumnPair(pair.OutputColumnName, pair.InputColumnName))]);
    }

    /// <summary>The same pairs, if each has its names.</summary>
    /// <exception cref="ArgumentException">There are none, or one is missing.</exception>
    public static ColumnPair[] Checked(ColumnPair[] columns)
    {
        if (columns.Length == 0)
            throw new ArgumentException("No columns are named; give at least one pair of an output and an input column.", nameof(columns));
        int bad = Array.FindIndex(columns, pair => string.IsNullOrWhiteSpace(pair?.Output) || string.IsNullOrWhiteSpace(pair.Input));
        return bad < 0 ? columns : throw new ArgumentException($"Pair {bad} of the columns has no name for its output or its input.", nameof(columns));
    }
}
