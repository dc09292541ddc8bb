using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.ML;

/// <summary>See <see cref="ModelLoader"/>.</summary>
public static class PredictionEnginePoolServices
{
    public static void AddPredictionEnginePool<TData, TPrediction>(this IServiceCollection services)
        where TData : class
        where TPrediction : class, new() => services.AddOptions().AddSingleton<PredictionEnginePool<TData, TPrediction>>();
}
