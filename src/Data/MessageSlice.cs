namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Where a message stands in its line, and what the rules need to know of it.</summary>
internal readonly record struct MessageSlice
{
    /// <summary>The message's object, braces included.</summary>
    public required Range Json { get; init; }

    /// <summary>The string token of <c>content</c>, quotes included; empty where it is absent or null.</summary>
    public required Range Content { get; init; }

    /// <summary>Who speaks.</summary>
    public required MessageRole Role { get; init; }

    /// <summary>Whether the message says or calls something: text that is not blank, thoughts, or tool calls.</summary>
    public required bool HasSubstance { get; init; }

    /// <summary>Whether the message has a <c>tools</c> field of its own.</summary>
    public required bool NamesTools { get; init; }
}
