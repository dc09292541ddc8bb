using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Tests.Architecture;

public sealed partial class TypeNameTests
{
    [Fact]
    public void Files_OfTheLibrary_HaveNamesOfTheirOwn() =>
        LibrarySources.Of().Keys.GroupBy(path => path[(path.LastIndexOf('/') + 1)..]).Where(group => group.Count() > 1)
            .Select(group => string.Join(" and ", group)).Should().BeEmpty("who reads the name of a type must know which is meant");

    [Fact]
    public void Types_OfTheLibrary_HaveNamesOfTheirOwn() =>
        LibrarySources.Of().SelectMany(source => Declaration().Matches(SourceText.CodeOnly(source.Value)).Select(match => match.Groups[1].Value).Distinct()
                .Select(name => (Name: name, Path: source.Key))).GroupBy(type => type.Name).Where(group => group.Count() > 1)
            .Select(group => string.Join(" and ", group.Select(type => type.Path))).Should().BeEmpty("who reads the name of a type must know which is meant");

    // but for parts of one type
    [GeneratedRegex(
        @"^(?:public|internal)(?![\w\s]*\bpartial\b)[\w\s]*?\b(?:class|struct|record|interface|enum)\s+(?:struct\s+|class\s+)?(\w+)", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
