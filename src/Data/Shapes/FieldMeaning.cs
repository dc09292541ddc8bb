namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>What a field's name says about a field that no shape reads.</summary>
internal enum FieldMeaning
{
    /// <summary>Nothing that is known.</summary>
    Unknown,

    /// <summary>It may be part of the conversation.</summary>
    Context,

    /// <summary>A fact about the row, such as an id, a score or a model's name.</summary>
    Fact,

    /// <summary>A label of the row, such as its source or its category, as long as it is short.</summary>
    Label,

    /// <summary>What somebody says about the answers, such as a rationale.</summary>
    Verdict,
}
