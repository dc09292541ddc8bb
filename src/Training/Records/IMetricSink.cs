namespace MiniMind.MLNet.Dpo.Training.Records;

/// <summary>Takes what is measured in a run: averages of training steps and, under names that begin with <c>eval_</c>, evaluations.</summary>
internal interface IMetricSink
{
    /// <summary>Takes one measurement. Steps never go back within a run.</summary>
    /// <param name="step">Finished optimizer steps.</param>
    /// <param name="values">By the names of <see cref="MetricNames"/>.</param>
    /// <param name="elapsed">Time since the run began, earlier parts of a resumed run included.</param>
    void Write(long step, IReadOnlyDictionary<string, double> values, TimeSpan elapsed);
}
