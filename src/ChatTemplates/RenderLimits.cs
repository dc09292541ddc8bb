namespace MiniMind.MLNet.Dpo.ChatTemplates;

/// <summary>What one rendering may use before it is stopped. The bounds are counts, not clocks, so that a template fails on every machine or on none.</summary>
public sealed record RenderLimits
{
    /// <summary>Expressions evaluated, loop iterations, and stretches of text looked through.</summary>
    public long Steps { get; init; } = 1_000_000;

    /// <summary>Characters of the rendered text, and of any one string on the way.</summary>
    public int OutputCharacters { get; init; } = 16 << 20;

    /// <summary>Bytes of all strings and lists made on the way.</summary>
    public long AllocatedBytes { get; init; } = 64 << 20;

    /// <summary>Expressions, blocks, macro calls and nested values within one another.</summary>
    public int Depth { get; init; } = 1000;

    /// <summary>Numbers in a <c>range</c>; Jinja's sandbox has the same bound.</summary>
    public const int RangeLength = 100_000;

    /// <summary>Bits of an integer; Python prints no more than 4,300 digits either.</summary>
    public const int IntegerBits = 4096;

    /// <summary>Characters of a template's source.</summary>
    public const int SourceCharacters = 250_000;

    /// <summary>Brackets, operators and blocks within one another in a template's source.</summary>
    public const int SourceDepth = 150;

    /// <summary>The limits for a conversation of so many characters.</summary>
    /// <remarks>Honest templates work in proportion to it, some copy the text so far for each message.</remarks>
    public static RenderLimits ForInput(long characters)
    {
        RenderLimits limits = new();
        return limits with { Steps = limits.Steps + 32 * characters, AllocatedBytes = limits.AllocatedBytes + 200 * characters };
    }
}
