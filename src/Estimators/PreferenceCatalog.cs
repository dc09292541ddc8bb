using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>Loading, training on and evaluating preferences; reached as <c>mlContext.Preferences</c>.</summary>
public sealed partial class PreferenceCatalog
{
    private readonly MLContext _context;

    internal PreferenceCatalog(MLContext context) => _context = context;

    /// <summary>The context that this catalog belongs to.</summary>
    internal IHostEnvironment Environment => _context;
}
