namespace MiniMind.MLNet.Dpo.Data;

/// <summary>What a field of a row may be.</summary>
internal enum FieldShape
{
    /// <summary>A string or a message list.</summary>
    TextOrMessages,

    /// <summary>A message list.</summary>
    Messages,

    /// <summary>Any JSON value.</summary>
    Any,
}
