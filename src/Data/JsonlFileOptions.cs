namespace MiniMind.MLNet.Dpo.Data;

/// <summary>How a file with one JSON object per line is read.</summary>
public abstract class JsonlFileOptions
{
    private const int SmallestMaxLineBytes = 1024;
    private const int LargestMaxLineBytes = 1 << 30;

    private protected JsonlFileOptions()
    {
    }

    /// <summary>What a bad row does; by default it ends the reading with an error.</summary>
    public BadRowPolicy BadRows { get; init; } = BadRowPolicy.Fail;

    /// <summary>Bytes that a line may have, and the most that a cursor holds; a longer line is a bad row. 16 MiB by default.</summary>
    public int MaxLineBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Name of the int64 column with the line's number in its file.</summary>
    public string LineNumberColumnName { get; init; } = ColumnNames.LineNumber;

    /// <summary>Name of a text column with the row's file, useful with several files; null (the default) for no such column.</summary>
    public string? FileColumnName { get; init; }

    /// <summary>Further fields of the rows to carry as text columns of the same names; other fields are left out.</summary>
    /// <remarks>Strings come as their text, everything else as its JSON; absent and null come as empty text.</remarks>
    public IReadOnlyList<string> ExtraColumns { get; init; } = [];

    /// <summary>Names of the text columns that hold conversations.</summary>
    internal abstract IReadOnlyList<string> ConversationColumnNames { get; }

    /// <summary>Checks the options, all of them at once.</summary>
    /// <exception cref="ArgumentException">Something is out of range or named twice; the message lists every fault.</exception>
    public void Validate()
    {
        var faults = new List<string>();
        if (!Enum.IsDefined(BadRows))
            faults.Add($"{nameof(BadRows)} is {(int)BadRows}; it can be {BadRowPolicy.Fail} or {BadRowPolicy.Skip}");
        if (MaxLineBytes is < SmallestMaxLineBytes or > LargestMaxLineBytes)
            faults.Add($"{nameof(MaxLineBytes)} is {MaxLineBytes}; it must be from {SmallestMaxLineBytes} to {LargestMaxLineBytes}");

        string[] names = [.. ConversationColumnNames, LineNumberColumnName, .. FileColumnName is null ? [] : new[] { FileColumnName }, .. ExtraColumns ?? []];
        if (names.Any(string.IsNullOrWhiteSpace))
            faults.Add("a column name is empty; every column needs a name");
        faults.AddRange(names.Where(name => !string.IsNullOrWhiteSpace(name)).GroupBy(name => name).Where(group => group.Count() > 1)
            .Select(group => $"the column name '{group.Key}' is used {group.Count()} times; every column needs its own"));
        if (faults.Count > 0)
            throw new ArgumentException($"{GetType().Name}: {string.Join("; ", faults)}.");
    }
}
