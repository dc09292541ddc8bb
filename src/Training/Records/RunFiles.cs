namespace MiniMind.MLNet.Dpo;

/// <summary>The files of a run directory.</summary>
[Flags]
public enum RunFiles
{
    /// <summary>None; not a valid choice.</summary>
    None = 0,

    /// <summary><c>metrics.jsonl</c>: a JSON object per measurement.</summary>
    MetricsJsonl = 1,

    /// <summary><c>metrics.csv</c>: a row per measurement, a column per metric.</summary>
    MetricsCsv = 2,

    /// <summary>TensorBoard's event files, with the tags that TRL's runs have: <c>train/loss</c>, <c>eval/rewards/margins</c>.</summary>
    TensorBoard = 4,

    /// <summary><c>curves.svg</c>: loss, reward margin and accuracy over the steps, redrawn while training runs.</summary>
    Curves = 8,

    /// <summary><c>run.json</c>: what was trained how, on what, with which versions, and how it ended.</summary>
    RunJson = 16,

    /// <summary>
    /// <c>answers.jsonl</c> and <c>answers.md</c>: greedy answers of the reference and of what is trained to the same held-out prompts, at every evaluation;
    /// <see cref="ValidationOptions.SamplePrompts"/> and <see cref="ValidationOptions.SampleTokens"/> say to how many, and how long. Runs without validation
    /// have none.
    /// </summary>
    /// <remarks>The policy's answers are those whose length is measured anyway; the reference answers once. What that took is in the file.</remarks>
    Answers = 32,

    /// <summary><c>masks.json</c>: the first rows of the training data as the model sees them, with what is trained on.</summary>
    Masks = 64,

    /// <summary>
    /// <c>diagnosis.json</c>: what <c>mlContext.Preferences.Diagnose</c> finds in the first 20,000 training pairs without a model, in runs on pairs. They are
    /// read once more for it, before the first step.
    /// </summary>
    Diagnosis = 128,

    /// <summary>
    /// <c>report.html</c>, written at the end: all of this on one page, as <c>mlContext.Preferences.WriteReport</c> makes it. What the other files do not hold
    /// is missing there, too.
    /// </summary>
    Report = 256,

    /// <summary>All of them.</summary>
    All = MetricsJsonl | MetricsCsv | TensorBoard | Curves | RunJson | Answers | Masks | Diagnosis | Report,
}
