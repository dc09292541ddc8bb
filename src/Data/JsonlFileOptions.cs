namespace MiniMind.MLNet.Dpo.Data;

/// <summary>How files of rows are read: one JSON object per line, and by the verbs for files of every kind also arrays, tables and Parquet.</summary>
public abstract class JsonlFileOptions
{
    private const int SmallestMaxLineBytes = 1024;
    private const int LargestMaxLineBytes = 1 << 30;
    private const long DefaultMaxRowGroupBytes = 2L << 30;

    private protected JsonlFileOptions()
    {
    }

    /// <summary>What a bad row does; by default it ends the reading with an error.</summary>
    public BadRowPolicy BadRows { get; init; } = BadRowPolicy.Fail;

    /// <summary>
    /// Bytes that a line (an element of an array, a record of a table, a row of Parquet as JSON) may have; a longer one is a bad row. 16 MiB by default.
    /// </summary>
    /// <remarks>It is also the most that a cursor holds of any file but Parquet.</remarks>
    public int MaxLineBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>What divides the cells of a table, such as a comma, a semicolon or a tab; null (the default) to find these by the header.</summary>
    public char? Delimiter { get; init; }

    /// <summary>Bytes of memory that one row group of a Parquet file may take, which a cursor holds whole; a larger one is refused. 2 GiB by default.</summary>
    public long MaxRowGroupBytes { get; init; } = DefaultMaxRowGroupBytes;

    /// <summary>Name of the int64 column with the number of the line in which the row begins (in Parquet, of the row).</summary>
    public string LineNumberColumnName { get; init; } = ColumnNames.LineNumber;

    /// <summary>Name of a text column with the row's file, useful with several files; null (the default) for no such column.</summary>
    public string? FileColumnName { get; init; }

    /// <summary>Name of the row's field with the prompt, a string or a message list; null (the default) for the known names.</summary>
    public string? Prompt { get; init; }

    /// <summary>Name of the row's field with the system's message, a string; null (the default) for the known names.</summary>
    public string? System { get; init; }

    /// <summary>
    /// Name of the row's field with earlier turns, a message list or pairs of what the user and the assistant said; null (the default) for <c>history</c>.
    /// </summary>
    public string? History { get; init; }

    /// <summary>Name of the row's field with the tools, a list or a string that holds one; null (the default) for <c>tools</c>.</summary>
    public string? Tools { get; init; }

    /// <summary>Fields of the rows that are no part of the conversation, although they may look so.</summary>
    public IReadOnlyList<string> IgnoredFields { get; init; } = [];

    /// <summary>How many bad rows a file may begin with where bad rows are skipped; with more it is taken for unreadable. 1,000 by default.</summary>
    public int MaxLeadingBadRows { get; init; } = 1_000;

    /// <summary>Further fields of the rows to carry as text columns of the same names.</summary>
    /// <remarks>Strings come as their text, everything else as its JSON; absent and null come as empty text.</remarks>
    public IReadOnlyList<string> ExtraColumns { get; init; } = [];

    /// <summary>Names of the text columns that hold conversations.</summary>
    internal abstract IReadOnlyList<string> ConversationColumnNames { get; }

    /// <summary>Columns with numbers of the rows.</summary>
    internal virtual IReadOnlyList<NumberField> NumberFields => [];

    /// <summary>Name of the boolean column that says whether the row's answer is a good one; null where rows say no such thing.</summary>
    internal virtual string? LabelOfAnswers => null;

    /// <summary>The options that name fields of the rows, with their values.</summary>
    internal virtual IEnumerable<(string Option, string? Field)> MappedFields =>
        [(nameof(Prompt), Prompt), (nameof(System), System), (nameof(History), History), (nameof(Tools), Tools)];

    /// <summary>Whether the options name what a row's fields are.</summary>
    internal bool NamesFields => IgnoredFields.Count > 0 || MappedFields.Any(mapped => mapped.Field is not null);

    /// <summary>What is set here that reading JSON lines has no use for; null for nothing.</summary>
    internal string? UselessForLines => Delimiter is not null ? nameof(Delimiter) : MaxRowGroupBytes != DefaultMaxRowGroupBytes
        ? nameof(MaxRowGroupBytes) : null;

    /// <summary>Checks the options, all of them at once.</summary>
    /// <exception cref="ArgumentException">Something is out of range or named twice; the message lists every fault.</exception>
    public void Validate()
    {
        List<string> faults = new();
        if (!Enum.IsDefined(BadRows))
            faults.Add($"{nameof(BadRows)} is {(int)BadRows}; it can be {BadRowPolicy.Fail} or {BadRowPolicy.Skip}");
        if (MaxLineBytes is < SmallestMaxLineBytes or > LargestMaxLineBytes)
            faults.Add($"{nameof(MaxLineBytes)} is {MaxLineBytes}; it must be from {SmallestMaxLineBytes} to {LargestMaxLineBytes}");
        if (Delimiter is { } delimiter && (!char.IsAscii(delimiter) || char.IsAsciiLetterOrDigit(delimiter) || delimiter is '"' or ' ' or '\r' or '\n' or '\0'))
        {
            faults.Add(
                $"{nameof(Delimiter)} is '{Excerpt.Of(delimiter.ToString())}'; it must be an ASCII character other than letters, digits, quotes, spaces and " +
                "line breaks");
        }

        if (MaxRowGroupBytes < SmallestMaxLineBytes)
            faults.Add($"{nameof(MaxRowGroupBytes)} is {MaxRowGroupBytes}; it must be at least {SmallestMaxLineBytes}");

        if (MaxLeadingBadRows < 1)
            faults.Add($"{nameof(MaxLeadingBadRows)} is {MaxLeadingBadRows}; it must be 1 at least");
        faults.AddRange(MappingFaults());

        string[] names =
        [
            .. ConversationColumnNames, .. LabelOfAnswers is null ? [] : new[] { LabelOfAnswers }, LineNumberColumnName,
            .. FileColumnName is null ? [] : new[] { FileColumnName }, .. ExtraColumns ?? [], .. NumberFields.Select(number => number.Column),
        ];
        if (names.Any(string.IsNullOrWhiteSpace))
            faults.Add("a column name is empty; every column needs a name");
        faults.AddRange(names.Where(name => !string.IsNullOrWhiteSpace(name)).GroupBy(name => name).Where(group => group.Count() > 1)
            .Select(group => $"the column name '{group.Key}' is used {group.Count()} times; every column needs its own"));
        if (faults.Count > 0)
            throw new ArgumentException($"{GetType().Name}: {string.Join("; ", faults)}.");
    }

    private protected virtual IEnumerable<string> MappingFaults()
    {
        (string Option, string Field)[] mapped = [
            .. MappedFields.Where(mapped => mapped.Field is not null).Select(mapped => (mapped.Option, mapped.Field!)),
            .. NumberFields.SelectMany(number => number.Fields)];
        foreach ((string option, _) in mapped.Where(mapped => string.IsNullOrWhiteSpace(mapped.Field)))
            yield return $"{option} is empty; it names a field of the rows, or is null";
        foreach (IGrouping<string, (string Option, string Field)> field in mapped.GroupBy(mapped => mapped.Field).Where(field => field.Count() > 1))
            yield return $"{string.Join(" and ", field.Select(option => option.Option))} name the same field '{field.Key}'";
        foreach ((string option, string field) in mapped.Where(mapped => IgnoredFields.Contains(mapped.Field)))
            yield return $"{option} names the field '{field}', and {nameof(IgnoredFields)} leaves it out";
    }
}
