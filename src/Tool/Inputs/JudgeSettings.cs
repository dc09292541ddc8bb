namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>Who compares a model's answers, with which others, and to how many prompts.</summary>
internal sealed record JudgeSettings
{
    /// <summary>The address of a judge that speaks OpenAI's protocol, such as http://127.0.0.1:8998/v1: it compares answers, and no pairs are scored.</summary>
    public string? Judge { get; init; }

    /// <summary>The judge's model, by the name that it has there.</summary>
    public string? JudgeModel { get; init; }

    /// <summary>How long the judge may take for a reply.</summary>
    public TimeSpan JudgeTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The model whose answers the judge sees beside those of 'model'; by default the reference.</summary>
    public string? Against { get; init; }

    /// <summary>The most prompts of the data that are answered, from the first on; by default all.</summary>
    public int? Limit { get; init; }

    /// <summary>The most tokens of an answer; by default what the model's own file says, or 512.</summary>
    public int? AnswerTokens { get; init; }

    /// <summary>Checks what goes with a judge.</summary>
    /// <exception cref="ArgumentException">Something is missing or out of range.</exception>
    public void Validate()
    {
        if (string.IsNullOrWhiteSpace(JudgeModel))
            throw new ArgumentException("--judge-model NAME says which of the judge's models compares; none is named.");
        if (JudgeTimeout <= TimeSpan.Zero || JudgeTimeout > TimeSpan.FromDays(1))
            throw new ArgumentException($"--judge-timeout is {JudgeTimeout}; it must be more than nothing, and a day at most.");
        if (Limit < 1)
            throw new ArgumentException($"--limit is {Limit}; it must be at least 1.");
        if (AnswerTokens < 1)
            throw new ArgumentException($"--answer-tokens is {AnswerTokens}; it must be at least 1.");
    }
}
