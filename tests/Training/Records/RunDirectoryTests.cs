using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Records;

namespace MiniMind.MLNet.Dpo.Tests.Training.Records;

public sealed class RunDirectoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FixedTime _clock = new();
    private readonly List<string> _warnings = [];

    private string Run => Path.Combine(_folder.Path, "run");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Started_AtAStep_KeepsEarlierRecordsAndRemembersTheResumption()
    {
        Go(fresh: 0, 10, 20, 30);
        _clock.Now += TimeSpan.FromHours(1);
        Go(fresh: 20, 30, 40);

        Steps().Should().Equal(10, 20, 30, 40);
        JsonNode record = Record();
        record["started_at"]!.GetValue<DateTimeOffset>().Should().Be(_clock.Now - TimeSpan.FromHours(1));
        record["resumptions"]!.AsArray().Select(r => r!["after_step"]!.GetValue<long>()).Should().Equal(20);
        record["status"]!.GetValue<string>().Should().Be("completed");
    }

    [Fact]
    public void Started_AtTheBeginning_ReplacesWhatAnotherRunLeft()
    {
        Go(fresh: 0, 10, 20, 30);
        Go(fresh: 0, 5);

        Steps().Should().Equal(5);
        Record()["resumptions"]!.AsArray().Should().BeEmpty();
        Directory.EnumerateFiles(Run, "events.*").SelectMany(EventFileReader.Read).Select(e => e.Step).Should().Equal(0, 5);
    }

    [Fact]
    public void Write_WhereTheFolderFails_GoesOnSaysSoOnceAndCatchesUp()
    {
        TrainingState state = State(0);
        RunDirectory directory = New();
        directory.Started(state);
        Measure(directory, 10);
        Directory.Move(Run, Run + ".away");
        File.WriteAllText(Run, "a file where the folder was");
        Measure(directory, 20);
        Measure(directory, 30);
        _warnings.Should().ContainSingle().Which.Should().Contain(Run).And.Contain("Training goes on");

        File.Delete(Run);
        Directory.Move(Run + ".away", Run);
        Measure(directory, 40);
        directory.Ended(state);

        Steps().Should().Equal(10, 20, 30, 40);
        File.ReadLines(Path.Combine(Run, MetricsCsv.FileName)).Skip(1).Select(line => line.Split(',')[0]).Should().Equal("10", "20", "30", "40");
        EventFileReader.Read(Directory.EnumerateFiles(Run, "events.*").Single()).Select(e => e.Step).Should().Equal(0, 10, 20, 30, 40);
        _warnings.Should().ContainSingle();
        Directory.EnumerateFiles(Run, "*.tmp").Should().BeEmpty();
    }

    [Fact]
    public void Write_ClockGoesBackwards_KeepsOrderAndDurations()
    {
        TrainingState state = State(0);
        RunDirectory directory = New();
        directory.Started(state);
        Measure(directory, 10);
        _clock.Now -= TimeSpan.FromDays(400);
        Measure(directory, 20);
        directory.Ended(state);
        Go(fresh: 20, 30);

        Steps().Should().Equal(10, 20, 30);
        Directory.EnumerateFiles(Run, "events.*").Order(StringComparer.Ordinal).SelectMany(EventFileReader.Read).Select(e => e.Step).Where(step => step > 0)
            .Should().Equal([10, 20, 21, 30], "a file of the resumed run comes after the earlier one, and its first event says where it goes on");
        File.ReadLines(Path.Combine(Run, MetricsJsonl.FileName)).Select(line => JsonDocument.Parse(line).RootElement.GetProperty("elapsed_seconds").GetDouble())
            .Should().BeInAscendingOrder("durations are measured by a clock that nobody sets");
        Record()["elapsed_seconds"]!.GetValue<double>().Should().Be(4);
    }

    [Fact]
    public void Started_WhereTheFolderCannotBeMade_Throws()
    {
        File.WriteAllText(Run, "in the way");

        New().Invoking(directory => directory.Started(State(0))).Should().Throw<IOException>("nobody should learn in the morning that the path was wrong");
    }

    [Fact]
    public void Write_AfterTheEnd_BringsTheRecordUpToDate()
    {
        TrainingState state = State(0);
        RunDirectory directory = New();
        directory.Started(state);
        Measure(directory, 10);
        directory.Ended(state);
        directory.Write(10, new Dictionary<string, double> { ["eval_loss"] = 0.25 }, TimeSpan.FromSeconds(2));

        Record()["metrics"]!["eval_loss"]!.GetValue<double>().Should().Be(0.25);
        Record()["status"]!.GetValue<string>().Should().Be("completed");
    }

    [Fact]
    public void Write_EveryFewMeasurements_DrawsTheCurves()
    {
        RunDirectory directory = New(new RunDirectoryOptions { Folder = Run, Files = RunFiles.Curves, CurvesInterval = 2 });
        directory.Started(State(0));
        Measure(directory, 10);
        Directory.EnumerateFiles(Run).Should().BeEmpty();
        Measure(directory, 20);

        string path = Directory.EnumerateFiles(Run).Should().ContainSingle().Which;
        XDocument.Load(path).Root!.Elements().Where(e => e.Name.LocalName == "polyline").Should().HaveCount(3, "loss, margin and accuracy");
    }

    [Theory]
    [InlineData(59, "0:00:59")]
    [InlineData(86_399, "23:59:59")]
    [InlineData(86_400, "1.00:00:00")]
    [InlineData(190_861, "2.05:01:01")]
    public void Write_LongRun_SaysItsDaysOverTheCurves(int seconds, string time)
    {
        RunDirectory directory = New(new RunDirectoryOptions { Folder = Run, Files = RunFiles.Curves, CurvesInterval = 1 });
        directory.Started(State(0));

        directory.Write(10, new Dictionary<string, double> { [MetricNames.Loss] = 0.5 }, TimeSpan.FromSeconds(seconds));

        File.ReadAllText(Path.Combine(Run, "curves.svg")).Should().Contain($" after {time}<");
    }

    [Fact]
    public void Ended_Stopped_SaysSoWithItsReason()
    {
        TrainingState state = State(0);
        RunDirectory directory = New();
        directory.Started(state);
        state.StopReason = "a guard's";
        state.Step = 10;

        directory.Ended(state);
        directory.Failed(state, new InvalidOperationException("afterwards"));

        Record()["status"]!.GetValue<string>().Should().Be("stopped", "what fails behind the end does not change it");
        Record()["stop_reason"]!.GetValue<string>().Should().Be("a guard's");
        Record()["steps"]!.GetValue<long>().Should().Be(10);
    }

    [Fact]
    public void Faults_OfBadOptions_AreAllNamed()
    {
        RunDirectoryOptions options = new() { Folder = " ", Files = RunFiles.MetricsCsv, CurvesInterval = 0 };

        options.Faults().Should().HaveCount(3).And.Contain(fault => fault.Contains("Folder")).And.Contain(fault => fault.Contains("at least 1"))
            .And.Contain(fault => fault.Contains("has no Curves"));
        new RunDirectoryOptions { Folder = "a", Files = RunFiles.None }.Faults().Should().ContainSingle().Which.Should().Contain("None");
        new RunDirectoryOptions { Folder = "a" }.Faults().Should().BeEmpty();
    }

    private static TrainingState State(long step) => new()
    {
        Network = null!, Parameters = null!, Optimizer = null!, Task = null!, Step = step, TotalSteps = 40, Elapsed = TimeSpan.FromSeconds(4), // not asked for
    };

    private static void Measure(RunDirectory directory, long step) => directory.Write(
        step, new OrderedDictionary<string, double> { [MetricNames.Loss] = 1.0 / step, [MetricNames.Margin] = step, [MetricNames.Accuracy] = 0.5 },
            TimeSpan.FromSeconds(step / 10.0));

    private RunDirectory New(RunDirectoryOptions? options = null) => new(options ?? new RunDirectoryOptions { Folder = Run }, () => new RunDescription
    {
        Trainer = "dpo", Formula = "-", Model = new ModelDescription(1, "0", new ModelConfig()), Data = new DataDescription(1, 2, 3, "0", [], []),
        Compute = new ComputeDescription("cpu", "Fp32", 1, 1), Options = [],
        Masks = () => [new MaskSample(7, [new MaskSide("chosen", 2, 1, [new MaskPiece("a", false), new MaskPiece("b", true)])])],
        Diagnosis = () => new DiagnosisSample { Pairs = 3 },
    }, _warnings.Add, _clock);

    private void Go(long fresh, params long[] steps)
    {
        TrainingState state = State(fresh);
        RunDirectory directory = New();
        directory.Started(state);
        foreach (long step in steps)
            Measure(directory, step);
        directory.Ended(state);
    }

    private JsonNode Record() => JsonNode.Parse(File.ReadAllBytes(Path.Combine(Run, RunRecord.FileName)))!;

    private IEnumerable<long> Steps() => File.ReadLines(Path.Combine(Run, MetricsJsonl.FileName))
        .Select(line => JsonDocument.Parse(line).RootElement.GetProperty("step").GetInt64());
}
