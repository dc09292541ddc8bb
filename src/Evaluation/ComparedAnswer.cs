using Microsoft.Extensions.AI.Evaluation;

namespace MiniMind.MLNet.Dpo.Evaluation;

/// <summary>The answer that <see cref="WinRateEvaluator"/> compares a response with: that of the model before training, or of another one.</summary>
/// <param name="text">The answer.</param>
public sealed class ComparedAnswer(string text) : EvaluationContext(ContextName, text)
{
    /// <summary>The name under which it stands with the metrics.</summary>
    public const string ContextName = "Compared Answer";

    /// <summary>The answer.</summary>
    public string Text { get; } = text;
}
