namespace MiniMind.MLNet.Dpo.Generation;

/// <summary>Holds text back while it may be the beginning of a stop sequence, and ends it where one is complete.</summary>
/// <remarks>Text that is not to be shown, such as a special token's, can be part of a stop sequence too.</remarks>
internal sealed class StopSequences(IReadOnlyList<string> sequences)
{
    private readonly HeldText _held = new();

    /// <summary>Whether a stop sequence has been met.</summary>
    public bool Stopped { get; private set; }

    /// <summary>What cannot be part of a stop sequence any more after further text has come.</summary>
    /// <param name="run">What has come.</param>
    public IReadOnlyList<TextRun> Append(TextRun run)
    {
        if (Stopped)
            return [];
        _held.Add(run);
        int stop = sequences.Select(_held.IndexOf).Where(i => i >= 0).DefaultIfEmpty(-1).Min();
        if (stop >= 0)
        {
            Stopped = true;
            return _held.Take(stop);
        }
        return _held.Take(_held.Length - sequences.Select(_held.BeginningOf).DefaultIfEmpty(0).Max());
    }

    /// <summary>What is still held at the end.</summary>
    public IReadOnlyList<TextRun> Flush() => Stopped ? [] : _held.Take(_held.Length);
}
