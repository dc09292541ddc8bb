namespace Microsoft.Extensions.ML;

/// <summary>See <see cref="ML.ModelLoader"/>.</summary>
public class PredictionEnginePoolOptions<TData, TPrediction>
    where TData : class
    where TPrediction : class, new()
{
    public ModelLoader ModelLoader { get; set; } = null!;
}
