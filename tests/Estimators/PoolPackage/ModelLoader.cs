using Microsoft.Extensions.Primitives;
using Microsoft.ML;

namespace Microsoft.Extensions.ML;

/// <summary>
/// The shape of the class of this name in the package Microsoft.Extensions.ML, which not every registry has: what docs/IN-AN-APP.md shows with it is compiled
/// and run against the classes of this folder, which do what that package's do.
/// </summary>
public abstract class ModelLoader
{
    public abstract IChangeToken GetReloadToken();

    public abstract ITransformer GetModel();
}
