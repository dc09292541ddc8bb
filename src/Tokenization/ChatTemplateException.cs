namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>
/// A chat template is malformed, uses something that is not supported, breaks a limit of the sandbox, or refuses the conversation it is given.
/// </summary>
public sealed class ChatTemplateException : InvalidOperationException
{
    internal ChatTemplateException(string reason, int line = 0, int column = 0, Exception? inner = null)
        : base(line > 0 ? $"chat template:{line}:{column}: {reason}" : $"chat template: {reason}", inner)
    {
        Reason = reason;
        Line = line;
        Column = column;
    }

    /// <summary>What is wrong, without the place; for a template that calls <c>raise_exception</c>, its message.</summary>
    public string Reason { get; }

    /// <summary>The line of the template, from 1; 0 when the fault is not in the template's text.</summary>
    public int Line { get; }

    /// <summary>The column of the template, from 1; 0 when the fault is not in the template's text.</summary>
    public int Column { get; }
}
