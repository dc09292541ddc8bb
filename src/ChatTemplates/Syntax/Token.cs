namespace MiniMind.MLNet.Dpo.ChatTemplates.Syntax;

/// <summary>A piece of a template's source.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Offset">Where it begins.</param>
/// <param name="Text">Its text; for <see cref="TokenKind.Data"/> and <see cref="TokenKind.String"/> what it stands for.</param>
/// <param name="Value">The value of a number.</param>
internal readonly record struct Token(TokenKind Kind, int Offset, string Text, object? Value = null)
{
    public bool IsName(string name) => Kind == TokenKind.Name && Text == name;

    public bool IsOperator(string text) => Kind == TokenKind.Operator && Text == text;

    /// <summary>The token as error messages name it.</summary>
    public string Describe() => Kind switch
    {
        TokenKind.End => "end of template",
        TokenKind.BlockEnd => "end of statement block",
        TokenKind.PrintEnd => "end of print statement",
        TokenKind.Data => "template data / text",
        TokenKind.String => "string",
        TokenKind.Number => Value is double ? "float" : "integer",
        _ => Text,
    };
}
