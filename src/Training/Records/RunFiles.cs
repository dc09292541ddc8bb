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

    /// <summary>All of them.</summary>
    All = MetricsJsonl | MetricsCsv | TensorBoard | Curves | RunJson,
}
