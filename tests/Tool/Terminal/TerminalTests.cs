using MiniMind.MLNet.Dpo.Tool.Terminal;
using MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tool.Training;
using MiniMind.MLNet.Dpo.Training;
using Spectre.Console;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Terminal;

public sealed class TerminalTests
{
    [Theory]
    [InlineData("plain\ttext\nin lines", "plain\ttext\nin lines")]
    [InlineData("\u001b[2J", @"\u001b[2J")]
    [InlineData("a\rb", @"a\u000db")]
    [InlineData("\u009b1m \u200f \u202e \u2028", @"\u009b1m \u200f \u202e \u2028")]
    [InlineData("面包 🥐", "面包 🥐")]
    public void Of_Text_ShowsWhatCommands(string text, string visible) => VisibleText.Of(text).Should().Be(visible);

    [Fact]
    public void Of_HalfACharacter_IsReplaced() => VisibleText.Of("half \ud83e").Should().Be("half \ufffd");

    [Fact]
    public void OneLine_LineEnds_AreMarks() => VisibleText.OneLine("a\r\nb\nc\td\r").Should().Be(@"a↵b↵c d\u000d");

    [Fact]
    public void Sparkline_Values_RiseWithThem()
    {
        Sparkline.Of([0, 1, 2, 3, 4, 5, 6, 7], 8).Should().Be("▁▂▃▄▅▆▇█");
        Sparkline.Of([0, 0, 7, 7], 2).Should().Be("▁█", "each is the mean of its share");
        Sparkline.Of([1, double.NaN, 2], 10).Should().Be("▁ █");
        Sparkline.Of([3, 3], 10).Should().Be("▁▁");
        Sparkline.Of([1, 2], 10, (0, 4)).Should().Be("▃▅");
        Sparkline.Of([], 10).Should().BeEmpty();
    }

    [Fact]
    public void Time_Lengths_ArePeoplesWords() => new[] { 0.2, 61, 3661, -5 }.Select(seconds => Words.Time(TimeSpan.FromSeconds(seconds)))
        .Should().Equal("1 s", "1 min 1 s", "1 h 1 min", "0 s");

    [Fact]
    public void Lines_OfProgress_HaveBarTimeAndCurves()
    {
        ProgressCurves curves = new();
        curves.Add(Progress(10, 0.69, 0));
        curves.Add(Progress(20, 0.5, 0.4));

        IReadOnlyList<string> lines = curves.Lines(80);

        lines[0].Should().Be(new string('█', 20) + new string('░', 20) + "  50 %  step 20/40  1 min 5 s left");
        lines[1].Should().Be("loss        0.5000  █▁");
        lines[2].Should().Be("margin      0.4000  ▁█");
        lines[3].Should().StartWith("accuracy 75 %  rate 4e-6  2.0 rows/s  300 tokens/s  ");
        curves.Lines(24).Should().OnlyContain(line => line.Length < 24);
    }

    [Fact]
    public void Live_OnATerminal_IsWrittenOverAndKeepsWarnings()
    {
        StringWriter output = new();
        IAnsiConsole screen = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(output),
        });
        screen.Profile.Width = 80;
        ToolConsole console = new(output, output, TextReader.Null, screen);
        LiveProgress live = new(console);

        live.During(() =>
        {
            live.Report(Progress(20, 0.5, 0.4));
            live.Warn("guard \u001b[2J speaks");
        });

        console.IsLive.Should().BeTrue();
        output.ToString().Should().Contain("step 20/40").And.Contain(@"warning: guard \u001b[2J speaks").And.NotContain("\u001b[2J speaks");
    }

    [Fact]
    public void Suggest_BeginningOfAnOption_CompletesHiddenOnesToo()
    {
        const string Typed = "dpo train --preparation.tr";

        ToolRun.Of($"[suggest:{Typed.Length}]", Typed).Lines.Should().Equal("--preparation.truncation");
        ToolRun.Of("[suggest:18]", "dpo train --loss r").Lines.Should().Contain("robust");
    }

    [Fact]
    public void Help_OfTrain_TakesItsTextsFromTheDocumentation() => ToolRun.Of("train", "--help").Output.Should().Contain("--learning-rate <X>")
        .And.Contain("The peak learning rate").And.Contain("The run's folder").And.NotContain("--guards.max-margin");

    private static DpoProgress Progress(long step, double loss, double margin) => new()
    {
        Step = step, TotalSteps = 40, ExamplesPerSecond = 2, TokensPerSecond = 300, PaddingShare = 0, ResidentBytes = 64 << 20,
        Remaining = TimeSpan.FromSeconds(65),
        Point = new TrainingPoint(step, 0.5, 4e-6, 1, new Dictionary<string, double>
        {
            [MetricNames.Loss] = loss, [MetricNames.Margin] = margin, [MetricNames.Accuracy] = 0.75,
        }, 4, 600, 600, 0, TimeSpan.FromSeconds(20)),
    };
}
