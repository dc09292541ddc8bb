using System.Collections.Concurrent;
using Microsoft.ML;

namespace MiniMind.MLNet.Dpo;

/// <summary>Predicts from any thread: a prediction engine for each prediction that runs at once; made by <c>mlContext.Model.CreatePredictionPool</c>.</summary>
/// <remarks>Thread-safe. It owns its engines, and never the model.</remarks>
/// <typeparam name="TSource">What is predicted for.</typeparam>
/// <typeparam name="TPrediction">What is predicted.</typeparam>
public sealed class PredictionPool<TSource, TPrediction> : IDisposable
    where TSource : class
    where TPrediction : class, new()
{
    private readonly ConcurrentBag<PredictionEngine<TSource, TPrediction>> _free = [];
    private readonly Func<PredictionEngine<TSource, TPrediction>> _create;
    private volatile bool _disposed;

    internal PredictionPool(Func<PredictionEngine<TSource, TPrediction>> create)
    {
        _create = create;
        _free.Add(create()); // what does not fit shows at once
    }

    /// <summary>Predicts for one example.</summary>
    /// <exception cref="ObjectDisposedException">The pool or its model was disposed.</exception>
    public TPrediction Predict(TSource example)
    {
        ArgumentNullException.ThrowIfNull(example);
        ObjectDisposedException.ThrowIf(_disposed, this);
        PredictionEngine<TSource, TPrediction> engine = _free.TryTake(out PredictionEngine<TSource, TPrediction>? free) ? free : _create();
        TPrediction prediction;
        try
        {
            prediction = engine.Predict(example);
        }
        catch
        {
            engine.Dispose(); // it may be within a row
            throw;
        }
        _free.Add(engine);
        if (_disposed)
            Clear();
        return prediction;
    }

    /// <summary>Lets go of the engines; predictions that run are finished first.</summary>
    public void Dispose()
    {
        _disposed = true;
        Clear();
    }

    private void Clear()
    {
        while (_free.TryTake(out PredictionEngine<TSource, TPrediction>? engine))
            engine.Dispose();
    }
}
