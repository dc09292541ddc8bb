namespace MiniMind.MLNet.Dpo.Data;

/// <summary>What reading the next record of a file came to.</summary>
internal enum LineStatus
{
    /// <summary>A record, a line of its own or more.</summary>
    Line,

    /// <summary>A record longer than the limit; the next read goes past it.</summary>
    TooLong,

    /// <summary>The stream's end.</summary>
    End,
}
