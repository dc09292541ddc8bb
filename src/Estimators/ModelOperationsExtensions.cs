using MiniMind.MLNet.Dpo.Weights;

namespace Microsoft.ML;

/// <summary>Saves ML.NET's models so that nothing is lost.</summary>
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
    }
}
