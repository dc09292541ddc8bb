using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Loading, training on and evaluating preferences; reached as <c>mlContext.Preferences</c>.</summary>
public sealed partial class PreferenceCatalog
{
    internal PreferenceCatalog(MLContext context) => Environment = context;

    /// <summary>The context that this catalog belongs to.</summary>
    internal IHostEnvironment Environment { get; }
}
