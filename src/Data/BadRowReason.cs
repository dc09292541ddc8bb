namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Why a line of a file is no usable row.</summary>
public enum BadRowReason
{
    /// <summary>The line is not JSON.</summary>
    InvalidJson,

    /// <summary>The line holds bytes that are not UTF-8.</summary>
    NotUtf8,

    /// <summary>The line is longer than the options allow.</summary>
    LineTooLong,

    /// <summary>A field that the row needs is absent, null or an empty list.</summary>
    MissingField,

    /// <summary>A field occurs twice, or two fields give the same thing.</summary>
    RepeatedField,

    /// <summary>A value has a JSON type that its field cannot have.</summary>
    WrongType,

    /// <summary>A message has a role that chat templates do not know.</summary>
    UnknownRole,

    /// <summary>A conversation does not end with the assistant's turn.</summary>
    LastTurnNotAssistant,

    /// <summary>The answer has neither text nor tool calls.</summary>
    EmptyAnswer,

    /// <summary>Nothing stands before the answer.</summary>
    MissingPrompt,

    /// <summary>The two sides answer different prompts.</summary>
    DifferentPrompts,

    /// <summary>The two sides are the same, so the pair prefers nothing.</summary>
    IdenticalSides,

    /// <summary>The row lists tools that nothing can carry; told of files that were read before any opening message could carry them.</summary>
    MisplacedTools,

    /// <summary>A field may be part of the conversation, and would be left out.</summary>
    UnreadField,

    /// <summary>A record of a table has a broken quote, or not as many cells as the header names columns.</summary>
    MalformedRecord,
}
