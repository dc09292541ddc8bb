using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Weights;

namespace Microsoft.ML;

/// <summary>Saves ML.NET's models so that nothing is lost, and serves them from any thread.</summary>
public static class ModelOperationsExtensions
{
    extension(ModelOperationsCatalog catalog)
    {
        /// <summary>Saves a model as <c>Save</c> does, but beside the file first: where that fails, on a full disk for one, an old file is as it was.</summary>
        /// <param name="model">The model.</param>
        /// <param name="inputSchema">The schema of its input; may be <see langword="null"/>.</param>
        /// <param name="path">The file; replaced once the new one is on the disk.</param>
        /// <exception cref="IOException">The file could not be written; an old one is as it was.</exception>
        /// <exception cref="ArgumentException">The path is empty.</exception>
        public void SaveAtomically(ITransformer model, DataViewSchema? inputSchema, string path)
        {
            ArgumentNullException.ThrowIfNull(catalog);
            ArgumentNullException.ThrowIfNull(model);
            ArgumentException.ThrowIfNullOrWhiteSpace(path);
            AtomicFileSet.WriteOne(path, stream => catalog.Save(model, inputSchema, stream));
        }

        /// <summary>A pool of prediction engines, which are for one thread each: to predict from any thread, as a web app does.</summary>
        /// <param name="model">The model, such as <see cref="WatchedModel.Transformer"/>; it stays the caller's.</param>
        /// <typeparam name="TSource">What is predicted for.</typeparam>
        /// <typeparam name="TPrediction">What is predicted.</typeparam>
        /// <exception cref="InvalidOperationException">A column that the types need is not there, or is of another type.</exception>
        public PredictionPool<TSource, TPrediction> CreatePredictionPool<TSource, TPrediction>(ITransformer model)
            where TSource : class
            where TPrediction : class, new()
        {
            ArgumentNullException.ThrowIfNull(catalog);
            ArgumentNullException.ThrowIfNull(model);
            PredictionEngineOptions options = new() { OwnsTransformer = false };
            return new PredictionPool<TSource, TPrediction>(() => catalog.CreatePredictionEngine<TSource, TPrediction>(model, options));
        }
    }
}
