namespace MiniMind.MLNet.Dpo.Training.Validation;

/// <summary>Measures the network that is being trained on data that it is not trained on.</summary>
internal interface IValidation
{
    /// <summary>The number of examples.</summary>
    int Count { get; }

    /// <summary>
    /// Measures all examples, without gradients and without drawing random numbers; of several processes each measures a part, and all get the same.
    /// </summary>
    /// <returns>Averages under the names of <see cref="MetricNames"/>; <see langword="null"/> where it was cancelled, on any process.</returns>
    IReadOnlyDictionary<string, double>? Measure(CancellationToken cancellation);
}
