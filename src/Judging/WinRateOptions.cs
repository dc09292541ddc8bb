namespace MiniMind.MLNet.Dpo;

/// <summary>How a judge compares answers.</summary>
public sealed record WinRateOptions
{
    /// <summary>What a judge is told to go by, unless <see cref="Criteria"/> says otherwise.</summary>
    public const string DefaultCriteria =
        "Weigh whether an answer does what the request asks, whether what it says is right, and whether it says so clearly. Length alone is no merit.";

    /// <summary>What makes an answer the better one, in sentences to the judge.</summary>
    public string Criteria { get; init; } = DefaultCriteria;

    /// <summary>How the judge is asked to reply.</summary>
    public JudgeReplyForm ReplyForm { get; init; } = JudgeReplyForm.Letter;

    /// <summary>The most tokens of a reply: room for a short think block before the letter. A reply that is cut off has none, and is invalid.</summary>
    public int MaxReplyTokens { get; init; } = 1024;

    /// <summary>How many requests go on at the same time, to the judge and to clients that answer; with 1 they go in order.</summary>
    public int MaxConcurrency { get; init; } = 1;

    /// <summary>
    /// A file of one line for each reply that said a letter, from which a later comparison takes what it would ask again; <see langword="null"/> for none.
    /// A reply is known by the judge's name, the criteria, the form, the prompt and both answers. What failed is asked again.
    /// </summary>
    public string? CacheFile { get; init; }

    /// <summary>The judge's name in <see cref="CacheFile"/>; <see langword="null"/> for what its metadata say: provider, address and model.</summary>
    public string? JudgeName { get; init; }

    /// <summary>Told of every answer and reply, from any thread.</summary>
    public IProgress<WinRateProgress>? Progress { get; init; }

    /// <summary>Checks the options, all of them at once.</summary>
    /// <exception cref="ArgumentException">Something is out of range; the message lists every fault.</exception>
    public void Validate()
    {
        string[] faults = [.. Faults()];
        if (faults.Length > 0)
            throw new ArgumentException($"{nameof(WinRateOptions)}: {string.Join("; ", faults)}.");
    }

    private IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(Criteria))
            yield return $"{nameof(Criteria)} is empty";
        if (!Enum.IsDefined(ReplyForm))
            yield return $"{nameof(ReplyForm)} is {ReplyForm}; it can be {string.Join(" or ", Enum.GetNames<JudgeReplyForm>())}";
        if (MaxReplyTokens < 1)
            yield return $"{nameof(MaxReplyTokens)} is {MaxReplyTokens}; it must be at least 1";
        if (MaxConcurrency < 1)
            yield return $"{nameof(MaxConcurrency)} is {MaxConcurrency}; it must be at least 1";
        if (CacheFile is not null && string.IsNullOrWhiteSpace(CacheFile))
            yield return $"{nameof(CacheFile)} is empty; leave it null for none";
        if (JudgeName is not null && string.IsNullOrWhiteSpace(JudgeName))
            yield return $"{nameof(JudgeName)} is empty; leave it null for what the judge's metadata say";
        if (JudgeName is not null && CacheFile is null)
            yield return $"{nameof(JudgeName)} is '{JudgeName}', and there is no {nameof(CacheFile)} that it would name the judge in";
    }
}
