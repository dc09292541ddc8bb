namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Counts what one pass over the files meets.</summary>
internal sealed class BadRowTally
{
    private readonly SortedDictionary<BadRowReason, long> _counts = [];
    private readonly List<BadRow> _rows = [];
    private long _bad;

    public long GoodRowCount { get; private set; }

    public long BlankLineCount { get; private set; }

    public long TieCount { get; private set; }

    public void AddTies(int ties) => TieCount += ties;

    public void AddGood() => GoodRowCount++;

    public void AddBlank() => BlankLineCount++;

    public void AddBad(PreferenceDataException fault, LineLocation at)
    {
        BadRowReason reason = fault.Reason!.Value;
        _counts[reason] = _counts.GetValueOrDefault(reason) + 1;
        _bad++;
        if (_rows.Count < BadRowReport.MaxListedRows)
            _rows.Add(new BadRow(at.Path, at.LineNumber, reason, fault.Field, fault.Message));
    }

    public BadRowReport ToReport() => new(GoodRowCount, BlankLineCount, _bad, new SortedDictionary<BadRowReason, long>(_counts), [.. _rows], TieCount);
}
