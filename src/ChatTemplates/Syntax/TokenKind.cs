namespace MiniMind.MLNet.Dpo.ChatTemplates.Syntax;

/// <summary>The kinds of pieces that a template's source is cut into.</summary>
internal enum TokenKind
{
    /// <summary>Text between tags, as it goes to the output.</summary>
    Data,

    /// <summary><c>{{</c></summary>
    PrintBegin,

    /// <summary><c>}}</c></summary>
    PrintEnd,

    /// <summary><c>{%</c></summary>
    BlockBegin,

    /// <summary><c>%}</c></summary>
    BlockEnd,
    Name,
    String,
    Number,
    Operator,

    /// <summary>The end of the template.</summary>
    End,
}
