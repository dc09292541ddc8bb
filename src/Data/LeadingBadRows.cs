using System.Globalization;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Counts the bad rows that a file begins with, to give up on one that is of no known shape instead of reading all of it.</summary>
internal struct LeadingBadRows
{
    private long _count;
    private bool _anyGood;
    private PreferenceDataException? _first;

    /// <summary>Notes a good row; from here on the file may have any number of bad ones.</summary>
    public void AddGood() => _anyGood = true;

    /// <summary>Notes a bad row that was skipped.</summary>
    /// <exception cref="PreferenceDataException">There was no good row before, and too many bad ones.</exception>
    public void AddBad(PreferenceDataException fault, LineLocation at, JsonlFileOptions options)
    {
        if (_anyGood)
            return;
        _first ??= fault;
        if (++_count >= options.MaxLeadingBadRows)
        {
            string count = _count.ToString("N0", CultureInfo.InvariantCulture);
            throw new PreferenceDataException(at.Path, null, null, null,
                $"none of the first {count} rows can be read, so the file is taken for unreadable; the first fault: \"{_first.Message}\" "
                + $"Raise {nameof(options.MaxLeadingBadRows)} where good rows come later.");
        }
    }
}
