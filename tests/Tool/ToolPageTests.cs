using System.CommandLine;
using System.Text.RegularExpressions;
using MiniMind.MLNet.Dpo.Tool.Commands;
using MiniMind.MLNet.Dpo.Tool.Configuration;
using MiniMind.MLNet.Dpo.Tool.Terminal;
using MiniMind.MLNet.Dpo.Tool.Tests.Configuration;
using MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;
using Spectre.Console;

namespace MiniMind.MLNet.Dpo.Tool.Tests;

/// <summary>What the page shows can be typed.</summary>
public sealed partial class ToolPageTests
{
    private static readonly string s_page = File.ReadAllText(TestFiles.Repository("docs/TOOL.md"));

    [Fact]
    public void Page_Commands_AreAllThereAndParse()
    {
        RootCommand root = ToolApplication.Root(new ToolConsole(TextWriter.Null, TextWriter.Null, TextReader.Null, AnsiConsole.Console));
        string[] typed = [.. Typed().Matches(s_page).Select(line => line.Groups[1].Value)];

        typed.Should().HaveCountGreaterThan(8).And.OnlyContain(line => root.Parse(line, null).Errors.Count == 0);
        foreach (Command command in root.Subcommands)
            s_page.Should().Contain($"`dpo {command.Name}`");
    }

    [Fact]
    public void Page_Configuration_IsOneOfTrain()
    {
        ConfigValues values = OptionKeysTests.ShapeOf(nameof(TrainCommand)).Read(YamlConfigReader.Read(Yaml().Match(s_page).Groups[1].Value, "run.yaml"));

        values.Get<DpoTrainer.Options>().Loss.Should().Be(PreferenceLoss.Mix((0.8, PreferenceLoss.Sigmoid()), (0.2, PreferenceLoss.NegativeLogLikelihood())));
    }

    [Fact]
    public void Page_OptionsWithoutKey_AreNamed() =>
        OptionsWithoutKey.Reasons.Keys.Select(option => option.Option).Should().OnlyContain(name => s_page.Contains(name, StringComparison.Ordinal));

    [Fact]
    public void ThreatsPage_Configuration_HasTheCodesLimits()
    {
        string row = File.ReadLines(TestFiles.Repository("docs/THREATS.md"))
            .Single(line => line.StartsWith("| the configuration of `dpo`", StringComparison.Ordinal));

        row.Split('|')[2].Should()
            .Be($" {YamlConfigReader.MaxBytes >> 20} MB; {YamlConfigReader.MaxDepth} levels; {ValueReader.MostFaults} faults are listed ");
    }

    [GeneratedRegex(@"^\$ dpo (.*)$", RegexOptions.Multiline)]
    private static partial Regex Typed();

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Yaml();
}
