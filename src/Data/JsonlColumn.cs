namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Where a column of a file's view comes from.</summary>
internal enum JsonlColumn
{
    /// <summary>A conversation of the row format.</summary>
    Conversation,

    /// <summary>The line's number.</summary>
    LineNumber,

    /// <summary>The file's path.</summary>
    File,

    /// <summary>An extra field of the row.</summary>
    Extra,

    /// <summary>A number of the row.</summary>
    Number,

    /// <summary>Whether the row's answer is a good one.</summary>
    Label,
}
