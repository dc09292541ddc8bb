using System.Text.RegularExpressions;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Documentation;

/// <summary>Links between the project's pages lead to files and headings that there are.</summary>
public sealed partial class PageLinksTests
{
    /// <summary>The pages.</summary>
    public static TheoryData<string> Pages => [.. ProjectPages.All()];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_OfAPage_LeadSomewhere(string page) => Broken(page, ProjectPages.Read(page)).Should().BeEmpty();

    [Fact]
    public void Index_OfTheDocumentation_HasEveryPage() => ProjectPages.All().Where(page => page.StartsWith("docs/", StringComparison.Ordinal))
        .Select(page => page["docs/".Length..]).Except(["README.md"])
        .Should().OnlyContain(page => ProjectPages.Read("docs/README.md").Contains($"]({page})", StringComparison.Ordinal));

    [Fact]
    public void Broken_FileOrHeadingThatIsNotThere_IsNamed() =>
        Broken("docs/README.md", "[a](LORA.md) [b](NOTHING.md) [c](LORA.md#files) [d](LORA.md#nothing) [e](https://example.org/nothing)\n```\n[f](g)\n```")
            .Should().Equal("NOTHING.md", "LORA.md#nothing");

    private static IEnumerable<string> Broken(string page, string text)
    {
        foreach (Match link in Links().Matches(Code().Replace(text, "")))
        {
            string target = link.Groups[1].Value;
            string[] parts = target.Split('#', 2);
            string path = parts[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, parts[0]);
            if (!Path.Exists(TestFiles.Repository(path)) || parts.Length == 2 && !Headings(path).Contains(parts[1]))
                yield return target;
        }
    }

    // as GitHub names them: lower case, without signs, hyphens for spaces
    private static IEnumerable<string> Headings(string path) => HeadingLines().Matches(Blocks().Replace(File.ReadAllText(TestFiles.Repository(path)), ""))
        .Select(heading => Signs().Replace(heading.Groups[1].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    [GeneratedRegex(@"\]\((?!https?:|mailto:)([^)\s]+)\)")]
    private static partial Regex Links();

    [GeneratedRegex("^```.*?^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Blocks();

    [GeneratedRegex("^```.*?^```|`[^`\n]*`", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Code();

    [GeneratedRegex("^#+ (.*)$", RegexOptions.Multiline)]
    private static partial Regex HeadingLines();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex Signs();
}
