using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>The seed that a verb on a catalog works with.</summary>
internal static class CatalogSeed
{
    /// <summary>The seed given to the verb, or else to the <see cref="MLContext"/>, or else 0: nothing is left to chance.</summary>
    public static int Of(TransformsCatalog catalog, int? given) =>
        Of(((IInternalCatalog)catalog).Environment, given);

    /// <summary>The seed given to the verb, or else to the <see cref="MLContext"/>, or else 0: nothing is left to chance.</summary>
    public static int Of(IHostEnvironment context, int? given) => given ?? (context as IHostEnvironmentInternal)?.Seed ?? 0;
}
