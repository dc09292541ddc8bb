namespace MiniMind.MLNet.Dpo.ChatTemplates;

/// <summary>A template is malformed, uses something that is not supported, fails, refuses its input, or breaks a limit; or a value for it is no JSON.</summary>
public sealed class TemplateException : InvalidOperationException
{
    internal TemplateException(string reason, int line = 0, int column = 0, Exception? inner = null)
        : base(line > 0 ? $"chat template:{line}:{column}: {reason}" : $"chat template: {reason}", inner) => (Reason, Line, Column) = (reason, line, column);

    /// <summary>What is wrong, without the place; for a template that calls <c>raise_exception</c>, its message.</summary>
    public string Reason { get; }

    /// <summary>The line of the template, from 1; 0 when the fault is not in the template's text.</summary>
    public int Line { get; }

    /// <summary>The column of the template, from 1; 0 when the fault is not in the template's text.</summary>
    public int Column { get; }
}
