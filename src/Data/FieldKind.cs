namespace MiniMind.MLNet.Dpo.Data;

/// <summary>What a row has in a field.</summary>
internal enum FieldKind
{
    /// <summary>Nothing, or null.</summary>
    Absent,

    /// <summary>A string.</summary>
    Text,

    /// <summary>A message list.</summary>
    Messages,

    /// <summary>Any other JSON value.</summary>
    Other,
}
