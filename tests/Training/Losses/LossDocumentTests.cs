using System.Globalization;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Losses;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>The table of <c>docs/LOSSES.md</c> against the code.</summary>
public sealed class LossDocumentTests
{
    private const string FirstColumn = "| loss | factory |", Wrapped = "as the other", Mixed = "that of the first part with a beta";

    private static readonly Dictionary<string, string[]> s_rows = File.ReadLines(Path.Combine(TestFiles.RepositoryRoot, "docs", "LOSSES.md"))
        .SkipWhile(line => !line.StartsWith(FirstColumn, StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'))
        .Select(line => line.Replace("\\|", "", StringComparison.Ordinal).Trim('|').Split('|', StringSplitOptions.TrimEntries))
            .ToDictionary(cells => cells[1].Trim('`'));

    [Fact]
    public void Rows_OfTheTable_AreTheFactories() => s_rows.Keys.Should().BeEquivalentTo(EveryLoss.Factories);

    [Theory]
    [MemberData(nameof(EveryLoss.Names), MemberType = typeof(EveryLoss))]
    public void Factory_OfALoss_SaysItsLearningRate(string name)
    {
        if (name == "Mix")
            return; // that of its parts
        string source = File.ReadAllText(Path.Combine(TestFiles.RepositoryRoot, "src", "Training", "Losses", "PreferenceLoss.Factories.cs"));
        string before = source[..source.IndexOf($"PreferenceLoss {name}(", StringComparison.Ordinal)];
        string documentation = before[before.LastIndexOf("/// <summary>", StringComparison.Ordinal)..];

        documentation.Should().MatchRegex("earning rate [0-9]|As <see");
        s_rows[name][8].Should().MatchRegex("[0-9]e-[0-9]", "the table has it, too");
    }

    [Theory]
    [MemberData(nameof(EveryLoss.Names), MemberType = typeof(EveryLoss))]
    public void Row_OfALoss_SaysWhatTheCodeDoes(string name)
    {
        PreferenceLoss loss = EveryLoss.ByName[name];
        string[] cells = s_rows[name];
        (string reference, string reduction, string beta, string published, string coupled, string tests) = (cells[4], cells[5], cells[6], cells[7], cells[9],
            cells[10]);

        cells.Should().HaveCount(11);
        if (name != "Mix")
        {
            reduction.Should().Be($"{loss.DefaultReduction}");
            beta.Should().Be(loss.DefaultBeta?.ToString(CultureInfo.InvariantCulture) ?? "none");
            if (loss.Published is { } range)
                published.Should().StartWith(string.Create(CultureInfo.InvariantCulture, $"{range.Least} to {range.Most}"));
        }
        else
        {
            (reduction, beta).Should().Be((Mixed, Mixed));
        }
        if (reference != Wrapped && name != "Mix")
            reference.Should().Be(loss.NeedsReference ? "needed" : loss.UsesReference ? "uniform or needed" : "none");
        if (coupled is "yes" or "no")
            coupled.Should().Be(loss.Direction == GradientDirection.Coupled ? "yes" : "no");
        GetType().Assembly.GetType($"{GetType().Namespace}.{tests}").Should().NotBeNull("'{0}' is where it is proven", tests);
    }
}
