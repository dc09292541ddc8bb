namespace Microsoft.ML;

/// <summary>Gives an <see cref="MLContext"/> its catalog of preferences.</summary>
public static class PreferenceCatalogExtensions
{
    /// <summary>What <c>mlContext.Preferences</c> gives, for languages that know no extension properties: F#, Visual Basic, C# before 14.</summary>
    /// <param name="mlContext">The context.</param>
    public static PreferenceCatalog GetPreferences(this MLContext mlContext) => new(mlContext ?? throw new ArgumentNullException(nameof(mlContext)));

    extension(MLContext mlContext)
    {
        /// <summary>Operations on preference pairs: loading, training, evaluation.</summary>
        public PreferenceCatalog Preferences => mlContext.GetPreferences();
    }
}
