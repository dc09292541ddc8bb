using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Tests.Architecture;

public class DirectionTests
{
    [Fact]
    public void Sources_OfTheLibrary_KeepTheDirection()
    {
        Dictionary<string, string> sources = LibrarySources.Of();
        sources.Should().ContainKeys("Data/PreferencePair.cs", "ChatTemplates/JinjaTemplate.cs");
        DirectionRules.Violations(sources).Should().BeEmpty();
    }

    [Fact]
    public void Projects_OfTheLibrary_KeepTheDirection()
    {
        Dictionary<string, string> projects = LibrarySources.Of(pattern: "*.csproj");
        projects.Should().ContainKeys("MiniMind.MLNet.Dpo.csproj", "ChatTemplates/MiniMind.MLNet.Dpo.ChatTemplates.csproj");
        DirectionRules.ProjectViolations(projects).Should().BeEmpty();
    }

    [Fact]
    public void Packages_BesideTheLibrary_SeeWhatEveryAppSees()
    {
        string library = LibrarySources.Of(pattern: "*.csproj")["MiniMind.MLNet.Dpo.csproj"];
        foreach (string package in LibrarySources.OtherPackages)
        {
            Dictionary<string, string> projects = LibrarySources.Of(package, "*.csproj");
            projects.Should().ContainSingle();
            Match named = Regex.Match(projects.Values.Single(), "<AssemblyName>(.*)</AssemblyName>");
            string assembly = named.Success ? named.Groups[1].Value : Path.GetFileNameWithoutExtension(projects.Keys.Single());
            library.Should().NotContain($"InternalsVisibleTo Include=\"{assembly}\"").And.Contain($"{package}/**", "its files are not the library's");
            LibrarySources.Of(package).Values.SelectMany(source => Regex.Matches(SourceText.CodeOnly(source), @"\bUnsafeAccessor\w*|\bBindingFlags\.NonPublic"))
                .Should().BeEmpty("what is not shown is not to be reached");
        }
    }

    [Theory]
    [InlineData(
        """<ProjectReference Include="../MiniMind.MLNet.Dpo.csproj" />""",
        "ChatTemplates/A.csproj: a project within the library may not refer to ../MiniMind.MLNet.Dpo.csproj.")]
    [InlineData(
        """<ProjectReference Include='..\Modeling\B.csproj' />""",
        "ChatTemplates/A.csproj: a project within the library may not refer to ..\\Modeling\\B.csproj.")]
    [InlineData("""<PackageReference Include="TorchSharp" />""", "ChatTemplates/A.csproj: ChatTemplates may not use the package TorchSharp.")]
    [InlineData("""<PackageReference Include="Microsoft.ML" />""", "ChatTemplates/A.csproj: ChatTemplates may not use the package Microsoft.ML.")]
    public void ProjectViolations_MadeUpProject_AreFound(string reference, string violation) =>
        DirectionRules.ProjectViolations(new Dictionary<string, string>
        {
            ["MiniMind.MLNet.Dpo.csproj"] =
                """<Project><ProjectReference Include="ChatTemplates/A.csproj" /><PackageReference Include="TorchSharp" /></Project>""",
            ["ChatTemplates/A.csproj"] = $"<Project>{reference}</Project>",
        }).Should().Equal(violation);

    [Theory]
    [InlineData("ChatTemplates", """<PackageReference Include="Microsoft.CodeAnalysis.PublicApiAnalyzers" PrivateAssets="all" />""")]
    [InlineData("CpuKernels", """<PackageReference Include="TorchSharp" />""")]
    public void ProjectViolations_PackageThatTheFolderMayUse_AreNone(string folder, string reference) =>
        DirectionRules.ProjectViolations(new Dictionary<string, string> { [$"{folder}/A.csproj"] = $"<Project>{reference}</Project>" }).Should().BeEmpty();

    /// <summary>What a package beside the library could see of its internals would be no promise to it.</summary>
    [Fact]
    public void Library_ShowsItsInternalsTo_NoPackageBesideIt()
    {
        string project = LibrarySources.Of(pattern: "*.csproj")["MiniMind.MLNet.Dpo.csproj"];
        DirectionRules.Beside.Where(folder => project.Contains($"InternalsVisibleTo Include=\"{DirectionRules.Root}.{folder}\"", StringComparison.Ordinal))
            .Should().BeEmpty();
    }

    [Theory]
    [InlineData("ChatTemplates/A.cs", "using MiniMind.MLNet.Dpo.Data;", "ChatTemplates/A.cs: ChatTemplates may not use Data.")]
    [InlineData("ChatTemplates/A.cs", "using TorchSharp;", "ChatTemplates/A.cs: ChatTemplates may not use TorchSharp.")]
    [InlineData("ChatTemplates/A.cs", "class A { PreferencePair? _pair; }", "ChatTemplates/A.cs: ChatTemplates may not use PreferencePair of Data.")]
    [InlineData("Modeling/A.cs", "using MiniMind.MLNet.Dpo.ChatTemplates;", "Modeling/A.cs: Modeling may not use ChatTemplates.")]
    [InlineData("Data/A.cs", "using MiniMind.MLNet.Dpo.Tokenization;", "Data/A.cs: Data may not use Tokenization.")]
    [InlineData("Data/A.cs", "using static MiniMind.MLNet.Dpo.Training.Losses;", "Data/A.cs: Data may not use Training.")]
    [InlineData("Modeling/A.cs", "class A { Weights.Safetensors? _file; }", "Modeling/A.cs: Modeling may not use Weights.")]
    [InlineData("Modeling/A.cs", "class A { global::MiniMind.MLNet.Dpo.Weights.Safetensors? _file; }", "Modeling/A.cs: Modeling may not use Weights.")]
    [InlineData("Modeling/A.cs", "class A { Dpo.Weights.Safetensors? _file; }", "Modeling/A.cs: Modeling may not use Weights.")]
    [InlineData("Modeling/A.cs", "class A { string B => $\"{Weights.C}\"; }", "Modeling/A.cs: Modeling may not use Weights.")]
    [InlineData("Training/Loop/A.cs", "class A { DpoTrainer? _trainer; }", "Training/Loop/A.cs: Training may not use DpoTrainer of Estimators.")]
    [InlineData("Training/Loop/A.cs", "using MiniMind.MLNet.Dpo.Training.Guards;", "Training/Loop/A.cs: Loop may not use Guards, which stands behind it.")]
    [InlineData("Training/Losses/A.cs", "class A { Dpo.Training.Batches.HostBatch? _batch; }",
        "Training/Losses/A.cs: Losses may not use Batches, which stands behind it.")]
    [InlineData(
        "Training/A.cs", "class A;",
        "Training/A.cs: it lies in none of Training's parts: Losses, Batches, Heads, References, Passes, Optimization, Loop, Checkpoints, Validation, " +
        "Guards, Records, Forecast.")]
    [InlineData("CpuKernels/A.cs", "class A { Modeling.ModelConfig? _config; }", "CpuKernels/A.cs: CpuKernels may not use Modeling.")]
    [InlineData("Distributed/A.cs", "using MiniMind.MLNet.Dpo.Training.Loop;", "Distributed/A.cs: Distributed may not use Training.")]
    [InlineData("Modeling/A.cs", "using MiniMind.MLNet.Dpo.Training.Distributed;", "Modeling/A.cs: Modeling may not use Distributed.")]
    [InlineData("Transforms/A.cs", "class A { PreferenceCatalog? _catalog; }", "Transforms/A.cs: Transforms may not use PreferenceCatalog of Estimators.")]
    [InlineData("Transforms/A.cs", "using TorchSharp;", "Transforms/A.cs: Transforms may not use TorchSharp.")]
    [InlineData("Data/A.cs", "class A { object B => torch.zeros(1); }", "Data/A.cs: Data may not use TorchSharp.")]
    [InlineData("Modeling/A.cs", "using Microsoft.ML;", "Modeling/A.cs: Modeling may not use ML.NET.")]
    [InlineData("Tokenization/A.cs", "using Microsoft.ML.Data;", "Tokenization/A.cs: Tokenization may not use ML.NET.")]
    [InlineData("Utilities/A.cs", "class A;", "Utilities/A.cs: the folder 'Utilities' is not in the layout table.")]
    [InlineData("A.cs", "class A;", "A.cs: the folder '' is not in the layout table.")]
    [InlineData("Data/A.cs", "namespace MiniMind.MLNet.Dpo.Rows; class A;",
        "Data/A.cs: the namespace MiniMind.MLNet.Dpo.Rows is not that of its folder, MiniMind.MLNet.Dpo.Data.")]
    public void Violations_MadeUpSource_AreFound(string path, string source, string violation) =>
        DirectionRules.Violations(WithShared(path, source)).Should().Equal(violation);

    [Theory]
    [InlineData("Tokenization/A.cs", "using Microsoft.ML.Tokenizers; using MiniMind.MLNet.Dpo.Data;")]
    [InlineData("Estimators/A.cs", "using Microsoft.ML; using TorchSharp; using MiniMind.MLNet.Dpo.Training; class A { DpoTrainer? _trainer; }")]
    [InlineData("Transforms/A.cs", "class A { PreferencePair? _pair; }")]
    [InlineData("Distributed/A.cs", "using MiniMind.MLNet.Dpo.Training.Distributed.Mpi; namespace MiniMind.MLNet.Dpo.Training.Distributed; class A;")]
    [InlineData(
        "Training/Guards/A.cs",
        "using MiniMind.MLNet.Dpo.Training.Loop; using MiniMind.MLNet.Dpo.Training.Distributed; namespace MiniMind.MLNet.Dpo.Training.Guards; class A;")]
    [InlineData(
        "Modeling/Attention/A.cs",
        "namespace MiniMind.MLNet.Dpo.Modeling.Attention; class A { bool Training { get; set; } bool B => this.Training.Equals(true); }")]
    [InlineData(
        "Data/A.cs",
        "// using TorchSharp;\n/* Modeling.B */ class A { string B => \"Modeling.C\" + @\"\"\"DpoTrainer\" + 'x' + $\"{1}torch.{{DpoTrainer}}\"; }")]
    [InlineData(
        "Data/A.cs",
        "class A { string B => \"\"\"using TorchSharp; \"DpoTrainer\" \"\"\" + $$\"\"\"{DpoTrainer} {{1}}\"\"\"; char C = '\"'; char D = '\\''; }")]
    [InlineData("Data/A.cs", "/// <see cref=\"Modeling.B\"/>\nclass A { string Weights = \"\"; int B => Weights.Length; }",
        "Data/A.cs: Data may not use Weights.")]
    public void Violations_HarmlessSource_AreNone(string path, string source, params string[] knownFalseAlarms) =>
        DirectionRules.Violations(WithShared(path, source)).Should().Equal(knownFalseAlarms, "a member named like a folder is refused too: rename it");

    private static Dictionary<string, string> WithShared(string path, string source) => new()
    {
        ["Data/PreferencePair.cs"] = "namespace MiniMind.MLNet.Dpo; public sealed class PreferencePair;".Replace(
            "; public", ";\npublic", StringComparison.Ordinal),
        ["Estimators/DpoTrainer.cs"] = "namespace MiniMind.MLNet.Dpo;\npublic sealed class DpoTrainer;",
        ["Estimators/PreferenceCatalog.cs"] = "namespace Microsoft.ML;\npublic sealed partial class PreferenceCatalog;",
        [path] = source,
    };
}
