namespace MiniMind.MLNet.Dpo;

/// <summary>How text is generated. Defaults are those of MiniMind's <c>generate</c>.</summary>
/// <remarks>
/// What a model's own <c>generation_config.json</c> says is in <see cref="PretrainedModel.GenerationDefaults"/>; change parts of it by <c>with</c>.
/// </remarks>
public sealed record GenerationOptions
{
    /// <summary>The key of a response's <c>AdditionalProperties</c> that says how many turns <see cref="ContextOverflow.DropOldestTurns"/> left out.</summary>
    public const string DroppedTurnsProperty = "dropped_turns";

    /// <summary>The key of a request's <c>AdditionalProperties</c> that takes the place of <see cref="TopLogProbs"/>: a whole number.</summary>
    public const string TopLogProbsProperty = "top_logprobs";

    /// <summary>
    /// The key of the <c>AdditionalProperties</c> where the log-probs stand, a list of <see cref="TokenLogProb"/>: an update's are those of the tokens that
    /// were made since the one before, whether or not they are shown, and each token is in one update only; a response's are those of all.
    /// </summary>
    public const string LogProbsProperty = "logprobs";

    /// <summary>The most tokens of an answer.</summary>
    public int MaxNewTokens { get; init; } = 512;

    /// <summary>Divides the logits: below 1 the likely tokens get likelier. 0 takes the likeliest token always (greedy).</summary>
    public double Temperature { get; init; } = 0.85;

    /// <summary>Keeps the likeliest tokens that together have this probability (Holtzman et al. 2019, arXiv 1904.09751); 1 keeps all.</summary>
    public double TopP { get; init; } = 0.85;

    /// <summary>Keeps this many of the likeliest tokens; 0 keeps all.</summary>
    public int TopK { get; init; } = 50;

    /// <summary>Above 1, makes tokens that occurred less likely (Keskar et al. 2019, arXiv 1909.05858); 1 does nothing.</summary>
    public double RepetitionPenalty { get; init; } = 1;

    /// <summary>Taken from a token's logit for every time that it occurs in the answer so far, as OpenAI's <c>frequency_penalty</c>; 0 does nothing.</summary>
    public double FrequencyPenalty { get; init; }

    /// <summary>Taken from the logits of all tokens that occur in the answer so far, as OpenAI's <c>presence_penalty</c>; 0 does nothing.</summary>
    public double PresencePenalty { get; init; }

    /// <summary>What the chat client does with a conversation that is longer than the model's context.</summary>
    public ContextOverflow Overflow { get; init; }

    /// <summary>
    /// How many of the likeliest tokens are named, with their log-probs, beside each token of an answer and its own; 0 gives the log-probs of the answer's
    /// tokens alone, and <see langword="null"/> none, which costs nothing.
    /// </summary>
    public int? TopLogProbs { get; init; }

    /// <summary>Seed of the sampling; <see langword="null"/> for another answer every time.</summary>
    public int? Seed { get; init; }

    /// <summary>Always the likeliest token.</summary>
    public static GenerationOptions Greedy { get; } = new() { Temperature = 0, TopP = 1, TopK = 0 };

    internal void Validate()
    {
        List<string> faults = [];
        if (MaxNewTokens < 1)
            faults.Add($"{nameof(MaxNewTokens)} is {MaxNewTokens}; it must be at least 1");
        if (!(Temperature >= 0) || !double.IsFinite(Temperature))
            faults.Add($"{nameof(Temperature)} is {Temperature}; it must be 0 or more");
        if (!(TopP is > 0 and <= 1))
            faults.Add($"{nameof(TopP)} is {TopP}; it must be above 0 and at most 1");
        if (TopK < 0)
            faults.Add($"{nameof(TopK)} is {TopK}; it must be 0 or more");
        if (!(RepetitionPenalty > 0) || !double.IsFinite(RepetitionPenalty))
            faults.Add($"{nameof(RepetitionPenalty)} is {RepetitionPenalty}; it must be above 0");
        if (!double.IsFinite(FrequencyPenalty))
            faults.Add($"{nameof(FrequencyPenalty)} is {FrequencyPenalty}; it must be a number");
        if (!double.IsFinite(PresencePenalty))
            faults.Add($"{nameof(PresencePenalty)} is {PresencePenalty}; it must be a number");
        if (TopLogProbs < 0)
            faults.Add($"{nameof(TopLogProbs)} is {TopLogProbs}; it must be 0 or more");
        if (!Enum.IsDefined(Overflow))
            faults.Add($"{nameof(Overflow)} is {Overflow}; it must be {string.Join(" or ", Enum.GetNames<ContextOverflow>())}");
        if (faults.Count > 0)
            throw new ArgumentException("The generation options are not valid: " + string.Join("; ", faults) + ".");
    }
}
