using Microsoft.Extensions.ObjectPool;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.ML;

namespace Microsoft.Extensions.ML;

/// <summary>
/// See <see cref="ML.ModelLoader"/>. As in the package, the pool of engines is made anew when the loader says so, engines that are out go back into whichever
/// pool is there then, and none is ever disposed.
/// </summary>
public class PredictionEnginePool<TData, TPrediction>
    where TData : class
    where TPrediction : class, new()
{
    private readonly MLContext _context = new();
    private readonly ModelLoader _loader;
    private DefaultObjectPool<PredictionEngine<TData, TPrediction>> _pool = null!;

    public PredictionEnginePool(IOptionsFactory<PredictionEnginePoolOptions<TData, TPrediction>> options)
    {
        _loader = options.Create("").ModelLoader;
        Load();
        ChangeToken.OnChange(_loader.GetReloadToken, Load);
    }

    public TPrediction Predict(TData example)
    {
        PredictionEngine<TData, TPrediction> engine = _pool.Get();
        try
        {
            return engine.Predict(example);
        }
        finally
        {
            _pool.Return(engine);
        }
    }

    private void Load() => Interlocked.Exchange(
        ref _pool, new DefaultObjectPool<PredictionEngine<TData, TPrediction>>(new Policy(_context, _loader.GetModel())));

    private sealed class Policy(MLContext context, ITransformer model) : PooledObjectPolicy<PredictionEngine<TData, TPrediction>>
    {
        public override PredictionEngine<TData, TPrediction> Create() => context.Model.CreatePredictionEngine<TData, TPrediction>(model);

        public override bool Return(PredictionEngine<TData, TPrediction> obj) => true;
    }
}
