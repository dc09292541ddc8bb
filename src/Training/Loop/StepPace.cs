namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>Tells when steps take several times as long as the fastest of their size: something keeps the run from its processors.</summary>
/// <remarks>
/// Steps have different numbers of rows, and a part of each step does not depend on them. So a step is expected to take no longer than one with as many rows or
/// more, and than its share of one with fewer.
/// </remarks>
internal sealed class StepPace
{
    /// <summary>How many times the expected time is slow, and how many steps in a row must be: one alone may have met a collection or a pause.</summary>
    public const int Times = 3, InARow = 5;

    /// <summary>How much time they must have taken: what costs less is not worth a word.</summary>
    public static readonly TimeSpan Worth = TimeSpan.FromSeconds(5);

    private readonly List<(long Rows, TimeSpan Duration)> _fastest = []; // none has both no fewer rows and no longer time than another
    private int _slow;
    private TimeSpan _spent;

    /// <summary>Looks at a step.</summary>
    /// <param name="rows">Rows that the network computed.</param>
    /// <param name="duration">How long it took.</param>
    /// <returns>By how many times the step was too slow, where it and those before it were; <see langword="null"/> otherwise.</returns>
    public double? Next(long rows, TimeSpan duration)
    {
        double ratio = Expected(rows) is { } expected ? duration / expected : 1;
        (_slow, _spent) = ratio > Times ? (_slow + 1, _spent + duration) : (0, TimeSpan.Zero);
        if (!_fastest.Exists(step => step.Rows >= rows && step.Duration <= duration))
        {
            _fastest.RemoveAll(step => step.Rows <= rows && step.Duration >= duration);
            _fastest.Add((rows, duration));
        }
        return _slow >= InARow && _spent >= Worth ? ratio : null;
    }

    private TimeSpan? Expected(long rows) =>
        _fastest.Count == 0 ? null : _fastest.Min(step => step.Duration * Math.Max(1, (double)rows / step.Rows));
}
