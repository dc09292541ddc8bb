using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

/// <summary>One of our components with data that it takes; every combination with stock ML.NET is tested on every case.</summary>
public abstract class TransformCase
{
    /// <summary>The component's name, as test reports show it.</summary>
    public abstract string Name { get; }

    /// <summary>Each column that the component adds, with the input columns that it may read for it.</summary>
    public abstract IReadOnlyDictionary<string, string[]> Reads { get; }

    /// <summary>At least eight rows of input, with ids from 0.</summary>
    public abstract IDataView Load(MLContext context);

    /// <summary>The component.</summary>
    public abstract IEstimator<ITransformer> Estimator(MLContext context);

    /// <summary>The rows of transformed data through <c>CreateEnumerable</c>, as JSON.</summary>
    public abstract IReadOnlyList<string> Rows(MLContext context, IDataView transformed, bool reuseRowObject = false);

    /// <summary>The same rows through a prediction engine, one by one.</summary>
    public abstract IReadOnlyList<string> Predict(MLContext context, ITransformer transformer);

    /// <summary>The plain result that every combination is held against.</summary>
    public IReadOnlyList<string> Expected(MLContext context)
    {
        IDataView data = Load(context);
        return Rows(context, Estimator(context).Fit(data).Transform(data));
    }
}
