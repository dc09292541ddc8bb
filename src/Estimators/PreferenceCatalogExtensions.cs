namespace Microsoft.ML;

/// <summary>Gives an <see cref="MLContext"/> its catalog of preferences.</summary>
public static class PreferenceCatalogExtensions
{
    extension(MLContext mlContext)
    {
        /// <summary>Operations on preference pairs: loading, training, evaluation.</summary>
        public PreferenceCatalog Preferences => new(mlContext ?? throw new ArgumentNullException(nameof(mlContext)));
    }
}
