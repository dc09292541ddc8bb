namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>Which columns of text become conversations, as it is saved.</summary>
/// <param name="Prompt">What the user says.</param>
/// <param name="System">What the system says; <see langword="null"/> for nothing.</param>
/// <param name="Columns">The conversations, each with the column of its answer.</param>
/// <param name="LineNumber">The column that tells a row's line in errors, where the data have it.</param>
internal sealed record ConvertToConversationsSettings(string Prompt, string? System, ColumnPair[] Columns, string LineNumber)
{
    /// <summary>The same settings, if each column has its name and its own part.</summary>
    /// <exception cref="ArgumentException">A name is blank, or one column has two parts.</exception>
    public ConvertToConversationsSettings Checked()
    {
        ColumnPair.Checked(Columns);
        string[] inputs = [Prompt, .. Columns.Select(pair => pair.Input), .. System is null ? [] : new[] { System }];
        if (inputs.Any(string.IsNullOrWhiteSpace) || string.IsNullOrWhiteSpace(LineNumber))
            throw new ArgumentException("A column's name is blank; name the columns of the prompt, the answers and, if there is one, the system's text.");
        if (inputs.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException(
                $"Column '{twice.Key}' is named {twice.Count()} times; the prompt, each answer and the system's text are columns of their own.");
        }

        return this;
    }
}
