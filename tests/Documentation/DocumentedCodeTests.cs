namespace MiniMind.MLNet.Dpo.Tests.Documentation;

/// <summary>Every C# block of the README, of <c>docs</c> and of the pages beside sources and examples compiles against the library.</summary>
public sealed class DocumentedCodeTests
{
    // pages whose code tests of their own hold, word for word, to what they run: ReadmeTests, WinRateEvaluatorTests, InAnAppPageTests and ServePageTests
    private static readonly string[] s_others = ["src/ChatTemplates/README.md", "src/Evaluation/README.md", "docs/IN-AN-APP.md", "docs/SERVE.md"];

    /// <summary>The pages that have C#.</summary>
    public static TheoryData<string> Pages => [.. WithCode()];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Code_OfAPage_Compiles(string page) => PageCompiler.Errors(Blocks(page)).Should().BeEmpty();

    [Fact]
    public void Pages_WithCode_AreFound() => WithCode().Should()
        .Contain(["README.md", "docs/GETTING-STARTED.md", "docs/YOUR-DATA.md", "docs/LORA.md"]).And.HaveCountGreaterThan(12);

    [Fact]
    public void Errors_OfABrokenBlock_SayWhere() => PageCompiler.Errors(Of("""
            Text.

            ```csharp
            var mlContext = new MLContext();
            mlContext.Preferences.LoadPairs("pairs.jsonl");
            ```

            ~~~cs
            int steps = "three";
            ~~~
            """)).Should().SatisfyRespectively(
            first => first.Should().StartWith("page.md:5: CS1061:").And.Contain("LoadPairs"),
            second => second.Should().StartWith("page.md:9: CS0029:"));

    [Fact]
    public void Errors_OfLaterBlocks_KnowWhatWasDeclaredAndGiven() => PageCompiler.Errors(Of("""
            ```csharp
            using System.Text.Json;
            (int first, var second) = (1, 2.5);
            record Row(string Text);
            ```
            <!-- given: PretrainedModel model; Row Made(int number) => new("x"); -->
            ```csharp
            Row row = Made(first);
            string second = JsonSerializer.Serialize(row) + model.ParameterCount;
            ```
            ```csharp
            Console.WriteLine(second.Length + first);
            Console.WriteLine(model.ParameterCount + third);
            ```
            """)).Should().ContainSingle().Which.Should().StartWith("page.md:13: CS0103:");

    [Fact]
    public void Errors_OfLibraryInternals_SayThatTheyAreNotSeen() => PageCompiler.Errors(Of("""
            ```csharp
            Console.WriteLine(MiniMind.MLNet.Dpo.Estimators.CatalogSeed.Of(null!, 1));
            ```
            """)).Should().ContainSingle().Which.Should().Contain("CS0122");

    private static IEnumerable<string> WithCode() => ProjectPages.All().Except(s_others).Where(page => Blocks(page).Count > 0);

    private static IReadOnlyList<CodeBlock> Blocks(string page) => [.. CodeBlock.Of(page, ProjectPages.Read(page))];

    private static IEnumerable<CodeBlock> Of(string text) => CodeBlock.Of("page.md", text);
}
