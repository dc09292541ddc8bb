using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Transforms.Persistence;

/// <summary>How one kind of component marks its part of a saved model.</summary>
/// <param name="Signature">Eight characters at the start of the part that say which kind it is.</param>
/// <param name="LoaderName">The name in the component's <c>LoadableClass</c> attribute; at most 24 characters.</param>
/// <param name="Version">The version that is written, and the newest that can be read. Whatever a reader of the version before would get wrong raises
/// it.</param>
internal sealed record ModelFormat(string Signature, string LoaderName, uint Version = 1)
{
    /// <summary>The same in ML.NET's terms.</summary>
    /// <remarks>The assembly goes by its simple name, so that a model that a later release saved still finds this one.</remarks>
    public VersionInfo VersionInfo => new(
        Signature, verWrittenCur: Version, verReadableCur: Version, verWeCanReadBack: 1,
        loaderAssemblyName: typeof(ModelFormat).Assembly.GetName().Name, loaderSignature: LoaderName);
}
