namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>Lines of the data that were left out for one reason.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Count">How many.</param>
/// <param name="Lines">Which: the first <see cref="MostListed"/>, with the file's name where the data comes from several.</param>
internal sealed record LinesLeftOut(string Reason, long Count, IReadOnlyList<string> Lines)
{
    /// <summary>The most lines that are listed.</summary>
    public const int MostListed = 1000;
}
