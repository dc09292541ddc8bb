using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Estimators;

namespace Microsoft.ML;

/// <content>Evaluation.</content>
public sealed partial class PreferenceCatalog
{
    /// <summary>Measures how well scored pairs agree with their labels: the chosen side should have the higher reward.</summary>
    /// <param name="data">Has the columns that <see cref="DpoTransformer"/> adds.</param>
    /// <param name="columns">Their names; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or of another type.</exception>
    /// <exception cref="InvalidOperationException">No pair has a score.</exception>
    public PreferenceMetrics Evaluate(IDataView data, ScoreColumns? columns = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        return PreferenceEvaluator.Evaluate(data, columns ?? new ScoreColumns());
    }
}
