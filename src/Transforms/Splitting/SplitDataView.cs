using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Transforms.Splitting;

/// <summary>The rows of a view whose prompts are on one side of a split, in their order, found anew by each cursor.</summary>
internal sealed class SplitDataView(IDataView source, PromptColumns prompts, SplitSide side) : IDataView
{
    /// <inheritdoc/>
    public DataViewSchema Schema => source.Schema;

    /// <inheritdoc/>
    public bool CanShuffle => source.CanShuffle;

    /// <inheritdoc/>
    public long? GetRowCount() => null;

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] asked = [.. columnsNeeded];
        return Filter(source.GetRowCursor(asked.Concat(prompts.Needed), rand), Active(asked), new SideTally(side, cursors: 1));
    }

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] asked = [.. columnsNeeded];
        DataViewRowCursor[] inputs = source.GetRowCursorSet(asked.Concat(prompts.Needed), n, rand);
        SideTally tally = new(side, inputs.Length);
        return [.. inputs.Select(input => Filter(input, Active(asked), tally))];
    }

    private SplitCursor Filter(DataViewRowCursor input, bool[] active, SideTally tally) => new(input, prompts.Place(input), side, active, tally);

    private bool[] Active(IEnumerable<DataViewSchema.Column> asked)
    {
        bool[] active = new bool[Schema.Count];
        foreach (DataViewSchema.Column column in asked)
            active[column.Index] = true;
        return active;
    }
}
