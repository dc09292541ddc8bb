namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>A way in which rows give the answers and say which is better. A new one is a file with a class, and a line in <see cref="AnswerShapes"/>.</summary>
internal abstract class AnswerShape
{
    /// <summary>What the shape is, for the log and for errors.</summary>
    public abstract string Name { get; }

    /// <summary>Whether the row's fields are those of the shape.</summary>
    public abstract bool Matches(SourceRow row);

    /// <summary>Reads the pairs out of a row that matches; every field read is taken from the row.</summary>
    /// <exception cref="PreferenceDataException">The fields contradict themselves.</exception>
    public abstract void Read(SourceRow row, PairDraft draft, RankingPairs rankings);
}
