namespace MiniMind.MLNet.Dpo;

/// <summary>Which of a conversation's answers are trained on.</summary>
/// <remarks>
/// It matters for pairs of conversations of several turns. In sums of log-probs an answer that both sides share cancels; in means
/// (<c>LogProbReduction.Mean</c>) it moves the margin, because the sides have different lengths.
/// </remarks>
public enum CountedAnswers
{
    /// <summary>Every answer (the default), as MiniMind's dataset does.</summary>
    Every,

    /// <summary>The answer that ends the conversation, as TRL and open-instruct have it. Where that one was cut off, nothing counts.</summary>
    Last,

    /// <summary>The answer in which the conversations of a row part, and all behind it. The columns of a row have to be masked in one call, and keep their
    /// beginnings.</summary>
    AfterParting,
}
