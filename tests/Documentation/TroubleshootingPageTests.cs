using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Tests.Documentation;

/// <summary>docs/TROUBLESHOOTING.md quotes messages as the sources print them, and has those of every guard.</summary>
public sealed partial class TroubleshootingPageTests
{
    private const int LeastWords = 3; // shorter runs may be of a value, such as a file's name
    private static readonly string s_page = ProjectPages.Read("docs/TROUBLESHOOTING.md");

    /// <summary>The messages that it and the page on tuning quote.</summary>
    public static TheoryData<string> Messages =>
        [.. Quotes().Matches(s_page + ProjectPages.Read("docs/TUNING.md")).Select(quote => quote.Groups[1].Value.Trim().Replace('\n', ' ')).Distinct()];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Message_ThatThePageQuotes_IsOneOfTheSources(string message) =>
        Unknown(message).Should().BeEmpty("these words of the message are nowhere in the sources");

    [Fact]
    public void Unknown_OfAChangedMessage_IsWhatChanged() =>
        Unknown("the mean reward margin is 12 (limit 10): the run fits too much. Train for fewer epochs").Should().Equal("the run fits too much");

    [Fact]
    public void Page_OfGuards_NamesEveryOne() => s_page.Should().ContainAll(Enum.GetNames<TrainingGuard>().Select(name => $"`{name}`"));

    private static IEnumerable<string> Unknown(string message) =>
        SourceMessages.Runs(message).Where(run => run.Split(' ').Length >= LeastWords && !SourceMessages.Say(run));

    [GeneratedRegex("```text\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Quotes();
}
