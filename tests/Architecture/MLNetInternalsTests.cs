using Microsoft.ML;
using MiniMind.MLNet.Dpo.Publicizer;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Architecture;

/// <summary>What the library uses of ML.NET beyond its public API is there, as it was, in the version that the tests run with.</summary>
public sealed class MLNetInternalsTests
{
    private const string Core = "Microsoft.ML.Core", Context = "Microsoft.ML.ModelSaveContext";

    private static string Folder => Path.GetDirectoryName(typeof(MLContext).Assembly.Location)!;

    [Fact]
    public void Listed_OfTheReferencedVersion_AreThere()
    {
        IReadOnlyList<ListedInternal> listed = ListedInternal.ReadAll(Path.Combine(TestFiles.RepositoryRoot, "eng", "Publicizer", "internals.txt"));

        listed.Should().HaveCountGreaterThan(20, "the test must see the list");
        MLNetInternals.Faults(listed, Folder).Should().BeEmpty("a newer ML.NET may have moved them: see what is there, and change the list and its users");
    }

    [Theory]
    [InlineData(Core, Context, "SetVersion", "(Microsoft.ML.VersionInfo)Void", "Microsoft.ML.Core 5.0.1 has no Microsoft.ML.ModelSaveContext.SetVersion.")]
    [InlineData(Core, Context, "SetVersionInfo", "(String)Void",
        "Microsoft.ML.Core 5.0.1 has no Microsoft.ML.ModelSaveContext.SetVersionInfo (String)Void, but (Microsoft.ML.VersionInfo)Void.")]
    [InlineData(Core, "Microsoft.ML.SaveContext", null, null, "Microsoft.ML.Core 5.0.1 has no type Microsoft.ML.SaveContext.")]
    [InlineData(Core, "Microsoft.ML.RepositoryReader", "_entries", "Int32",
        "Microsoft.ML.Core 5.0.1 has no Microsoft.ML.RepositoryReader._entries Int32, but System.Collections.Generic.Dictionary`2.")]
    [InlineData("Microsoft.ML.Kernel", Context, null, null, "'*' has no Microsoft.ML.Kernel.")]
    public void Faults_MadeUpEntry_NameItAndTheVersion(string assembly, string type, string? member, string? signature, string fault) =>
        MLNetInternals.Faults([new ListedInternal("list", 1, assembly, type, member, signature)], Folder).Should().ContainSingle().Which.Should().Match(fault);
}
