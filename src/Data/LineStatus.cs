namespace MiniMind.MLNet.Dpo.Data;

/// <summary>What <see cref="LineReader.Read"/> came to.</summary>
internal enum LineStatus
{
    /// <summary>A line, now in <see cref="LineReader.Line"/>.</summary>
    Line,

    /// <summary>A line longer than the limit; the next read goes past it.</summary>
    TooLong,

    /// <summary>The stream's end.</summary>
    End,
}
