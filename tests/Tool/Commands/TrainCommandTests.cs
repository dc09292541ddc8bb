using System.Text.Json.Nodes;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tool.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tool.Tests.Commands;

[Collection(nameof(RunsAlone))]
public sealed class TrainCommandTests : IDisposable
{
    private const int Pairs = 24;

    private readonly TemporaryFolder _folder = new();
    private readonly string _pairs;

    public TrainCommandTests() => _pairs = _folder.FirstLines("pairs.jsonl", TestFiles.HeldOut, Pairs);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_OnTheBakery_GivesTheWeightsOfTheApi()
    {
        string heldOut = _folder.FirstLines("heldout.jsonl", TestFiles.HeldOut, 6), api = _folder.File("api"), run = _folder.File("run");
        MLContext context = new(seed: 7);
        using (PretrainedModel model = PretrainedModel.Load(TestFiles.Model))
        {
            IDataView rows = context.Preferences.LoadFromFile(_pairs);
            ITransformer preparation = context.Transforms.PreparePreferencePairs(model, new PreferencePreparationOptions { MaxLength = 96 }).Fit(rows);
            using DpoTransformer trained = context.Preferences.Trainers.Dpo(new DpoTrainer.Options
            {
                Model = model, Seed = 7, LearningRate = 4e-4, Beta = 0.3, BatchSize = 5, Epochs = 2, MaxLength = 96,
                Schedule = ScheduleOptions.Cosine(warmupSteps: 2, floor: 0.1), Loss = PreferenceLoss.Robust(labelSmoothing: 0.2),
            }).Fit(preparation.Transform(rows));
            trained.SaveModel(api);
        }
        string config = _folder.Write("run.yaml", """
            learning-rate: 4e-4
            beta: 0.2 # the command line says otherwise
            batch-size: 5
            seed: 7
            schedule: {name: cosine, warmup-steps: 2, floor: 0.1}
            loss:
              name: robust
              label-smoothing: 0.2
            preparation:
              max-length: 96
            validation: {kl-pairs: 4, sample-prompts: 0}
            """);

        ToolRun trainedByTool = ToolRun.Of("train", "--config", config, "--model", TestFiles.Model, "--data", _pairs, "--held-out", heldOut, "--output", run,
            "--beta", "0.3", "--epochs", "2");

        trainedByTool.Exit.Should().Be(0, trainedByTool.Errors);
        File.ReadAllBytes(Path.Combine(run, "model", "model.safetensors")).Should().Equal(File.ReadAllBytes(Path.Combine(api, "model.safetensors")));
        trainedByTool.Output.Should().MatchRegex("1,017,216 parameters in 10 steps, [0-9]+ MiB at most\n")
            .And.MatchRegex("step 10/10  0 s left  loss 0[.][0-9]{4}  margin ")
            .And.Contain("10 steps over 24 rows in").And.Contain($"saved {run}/model").And.MatchRegex("Pairs measured: 6\n  chosen answer likelier   [0-9.]+ %")
            .And.MatchRegex("accuracy +[0-9.]+ % [(][0-9.]+ % to [0-9.]+ %[)]");
        File.ReadAllText(Path.Combine(run, "config.yaml")).Should().StartWith("# dpo train\n").And.Contain("\nbeta: 0.3\n").And.Contain("\nepochs: 2\n")
            .And.Contain("  max-length: 96\n").And.Contain($"  folder: {run}/checkpoints\n");
        File.ReadLines(Path.Combine(run, "held-out.jsonl")).Should().HaveCount(7);
        Directory.EnumerateFileSystemEntries(run).Select(Path.GetFileName).Should().Contain(["run.json", "metrics.jsonl", "checkpoints"]);
    }

    [Fact]
    public void Train_SameConfigAsPrinted_IsTheSameRun()
    {
        string[] options =
        [
            "--model", TestFiles.Model, "--data", _pairs, "--output", _folder.File("run"), "--adapter.rank", "2", "--adapter.targets", "attention",
        ];
        ToolRun first = ToolRun.Of([.. (string[])["train", "--print-config"], .. options]);
        string config = _folder.Write("printed.yaml", first.Output);

        ToolRun second = ToolRun.Of("train", "--print-config", "--config", config);

        first.Exit.Should().Be(0, first.Errors);
        second.Output.Should().Be(first.Output).And.Contain("adapter:\n  rank: 2\n").And.Contain("  targets: attention\n")
            .And.Contain("# beta: 0.15 # what the loss recommends\n");
        Directory.Exists(_folder.File("run")).Should().BeFalse("nothing was run");
    }

    [Fact]
    public void Train_Json_IsAnObjectALine()
    {
        ToolRun run = Train("--json", "--log-interval", "2", "--test-fraction", "0.3", "--validation.sample-prompts", "0");

        run.Exit.Should().Be(0, run.Errors);
        run.Events.Select(line => line["event"]!.GetValue<string>()).Should().ContainInOrder("run", "forecast", "progress", "held_out", "result")
            .And.Contain("evaluation");
        JsonObject progress = run.EventsOf("progress")[0];
        progress["metrics"]!["loss"]!.GetValue<double>().Should().BePositive();
        progress["total_steps"]!.GetValue<long>().Should().BeGreaterThan(progress["step"]!.GetValue<long>());
        run.EventsOf("held_out").Single()["accuracy_lower"]!.GetValue<double>().Should().BeInRange(0, 1);
    }

    [Fact]
    public void Train_StoppedAndAgain_GoesOnAndEndsAlike()
    {
        string[] command = Command("--learning-rate", "1e-3", "--log-interval", "1");
        string whole = _folder.File("whole");

        ToolRun stopped = ToolRun.Of("", command, stopAt: "step 2/6");
        ToolRun again = ToolRun.Of(command);
        ToolRun uninterrupted = ToolRun.Of(Command("--learning-rate", "1e-3", "--log-interval", "1", "--output", whole));

        stopped.Exit.Should().Be(130, stopped.Errors);
        stopped.Errors.Should().Contain("Training was cancelled after step 2. It is kept in").And.Contain("the same command goes on from there.");
        again.Exit.Should().Be(0, again.Errors);
        again.Output.Should().Contain("Training resumed after step 2 of 6").And.NotContain("step 2/6");
        uninterrupted.Exit.Should().Be(0, uninterrupted.Errors);
        File.ReadAllBytes(_folder.File("run/model/model.safetensors")).Should().Equal(File.ReadAllBytes(Path.Combine(whole, "model", "model.safetensors")));
    }

    [Fact]
    public void Train_OtherOptionsInARunsFolder_AreRefusedAndChangeNothing()
    {
        Train("--epochs", "1").Exit.Should().Be(0);
        string kept = File.ReadAllText(_folder.File("run/config.yaml"));

        ToolRun other = Train("--epochs", "1", "--learning-rate", "1e-6");

        other.Exit.Should().Be(2);
        other.Errors.Should().Contain("is of another run, and nothing was trained: LearningRate is 1E-06, in the checkpoint 4E-08");
        File.ReadAllText(_folder.File("run/config.yaml")).Should().Be(kept);
    }

    [Fact]
    public void Train_GuardThatStops_Fails()
    {
        ToolRun run = Train("--guards.max-margin", "0.0001", "--guards.margin-explosion", "stop", "--learning-rate", "1e-3", "--log-interval", "1",
            "--beta", "5");

        run.Exit.Should().Be(1, run.Output);
        run.Errors.Should().Contain("warning: MarginExplosion guard at step");
        run.Output.Should().Contain("ended early: ");
    }

    [Fact]
    public void Train_AdapterToSave_IsAFolderOfItsOwn()
    {
        ToolRun run = Train("--adapter.rank", "2", "--save", "adapter", "--save", "zip");

        run.Exit.Should().Be(0, run.Errors);
        File.Exists(Path.Combine(_folder.File("run"), "adapter", "adapter_config.json")).Should().BeTrue();
        File.Exists(Path.Combine(_folder.File("run"), "model.zip")).Should().BeTrue();
        Directory.Exists(Path.Combine(_folder.File("run"), "model")).Should().BeFalse();
    }

    [Theory]
    [InlineData("--output FOLDER says where the run is kept", "train")]
    [InlineData("--model MODEL says which model", "train", "--output", "nowhere")]
    [InlineData("There is no model 'nothing-there'", "train", "--output", "nowhere", "--model", "nothing-there", "--data", "x.jsonl")]
    [InlineData("--epochs: 'epochs' is 'two'; it must be a whole number.", "train", "--epochs", "two")]
    [InlineData("--epochs: it is given 2 times, and takes one value.", "train", "--epochs", "1", "--epochs", "2")]
    [InlineData("--loss: 'loss' is 'sigmod'; there is no such choice; 'sigmoid' is near.", "train", "--loss", "sigmod")]
    [InlineData("'held-out' and 'test-fraction' both say", "train", "--output", "nowhere", "--held-out", "a", "--test-fraction", "0.1")]
    [InlineData("The configuration 'none.yaml' is not there.", "train", "--config", "none.yaml")]
    public void Train_BadInput_SaysSoAndIsTwo(string message, params string[] arguments)
    {
        ToolRun run = ToolRun.Of(arguments);

        run.Exit.Should().Be(2);
        run.Errors.Should().Contain(message);
        Directory.Exists("nowhere").Should().BeFalse();
    }

    [Fact]
    public void Train_UnknownOption_NamesTheNearest()
    {
        ToolRun run = ToolRun.Of("train", "--learning-rat", "1");

        run.Exit.Should().Be(2);
        (run.Errors + run.Output).Should().Contain("--learning-rat").And.Contain("--learning-rate");
    }

    [Fact]
    public void Train_OptionOutOfRange_IsTwo()
    {
        ToolRun run = Train("--batch-size", "0");

        run.Exit.Should().Be(2);
        run.Errors.Should().Contain("BatchSize is 0; it must be at least 1");
    }

    [Fact]
    public void Train_BrokenRow_NamesItsLine()
    {
        File.AppendAllText(_pairs, "{\"chosen\": 1}\n");

        ToolRun run = Train();

        run.Exit.Should().Be(2);
        run.Errors.Should().Contain($"pairs.jsonl:{Pairs + 1}");
    }

    [Theory]
    [InlineData("[run-json, report]", true)]
    [InlineData("[run-json, metrics-jsonl]", false)]
    public void Train_ReportAtTheEnd_IsWrittenWhereTheRunsFilesHaveIt(string files, bool isWritten)
    {
        ToolRun run = Train("--run-directory.files", files, "--epochs", "1");

        run.Exit.Should().Be(0, run.Errors);
        string report = _folder.File("run/report.html");
        File.Exists(report).Should().Be(isWritten);
        run.Lines.Contains($"report {report}").Should().Be(isWritten);
    }

    private string[] Command(params string[] options) =>
    [
        "train", "--model", TestFiles.Model, "--data", _pairs, "--preparation.max-length", "64", .. options,
        .. options.Contains("--output") ? Array.Empty<string>() : ["--output", _folder.File("run")],
    ];

    private ToolRun Train(params string[] options) => ToolRun.Of(Command(options));
}
