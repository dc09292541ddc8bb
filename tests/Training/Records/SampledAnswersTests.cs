using System.Text.Json.Nodes;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Records;

namespace MiniMind.MLNet.Dpo.Tests.Training.Records;

/// <summary>Answers and masks in the run folders of real runs.</summary>
public sealed class SampledAnswersTests : IDisposable
{
    private readonly MLContext _context = new(seed: 1);
    private readonly TemporaryFolder _folder = new();
    private readonly PretrainedModel _model = SmallModel.Create();

    private string Run => Path.Combine(_folder.Path, "run");

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Fit_WithAnswersAndWithout_TrainsTheSameWeights()
    {
        DpoTrainer.Options options = Options() with { RunDirectory = null };

        using DpoTransformer with = Fit(options with { RunDirectory = new() { Folder = Run } }), without = Fit(options);
        using DpoTransformer unwatched = Fit(options with { Validation = null });

        HashOf(with).Should().Be(HashOf(without)).And.Be(HashOf(unwatched));
        with.TrainingSummary.Evaluations.Select(point => point.Metrics).Should().BeEquivalentTo(
            without.TrainingSummary.Evaluations.Select(point => point.Metrics), "answers that are recorded are those that are measured");
        IReadOnlyList<AnswerSample> samples = Samples();
        samples.Select(sample => sample.Step).Should().Equal(0, 3, 6);
        samples.Should().OnlyContain(sample => sample.Answers.Count == 2 && sample.Seconds > 0 && sample.ReferenceSeconds == null,
            "what the policy answers before the first step is the reference's answer");
        samples[0].Answers.Should().OnlyContain(answer => answer.Policy == answer.Reference && answer.Prompt.Length > 0 && answer.PolicyTokens <= 5);
        samples.Select(sample => sample.Answers[0].Reference).Distinct().Should().HaveCount(1);
        samples[2].Answers[0].Policy.Should().NotBe(samples[0].Answers[0].Policy, "a run that changes nothing shows nothing");
    }

    [Fact]
    public void Fit_StoppedAndFittedAgain_HasTheAnswersOfTheWholeRun()
    {
        DpoTrainer.Options options = Options();
        using (DpoTransformer whole = Fit(options))
        {
        }
        SampledAnswer[] expected = [.. Samples().SelectMany(sample => sample.Answers)];
        DpoTrainer.Options kept = options with { Checkpoints = new() { Folder = Path.Combine(_folder.Path, "checkpoints") } };
        using CancellationTokenSource cancellation = new();

        FluentActions.Invoking(() => Fit(kept with { CancellationToken = cancellation.Token, Progress = new AtStep(4, cancellation.Cancel) }))
            .Should().Throw<OperationCanceledException>();
        using DpoTransformer resumed = Fit(kept);

        IReadOnlyList<AnswerSample> samples = Samples();
        samples.Select(sample => sample.Step).Should().Equal(0, 3, 6);
        samples.SelectMany(sample => sample.Answers).Should().Equal(expected);
        samples.Select(sample => sample.ReferenceSeconds is null).Should().Equal([true, true, false], "who takes it up asks the reference once");
    }

    [Fact]
    public void Fit_OtherReference_AsksItOnce()
    {
        using DpoTransformer before = Fit(Options());
        using PretrainedModel other = before.AsModel();
        using DpoTransformer trained = Fit(Options() with { ReferenceModel = other });

        IReadOnlyList<AnswerSample> samples = Samples();
        samples.Select(sample => sample.ReferenceSeconds is null).Should().Equal([false, true, true]);
        samples[0].Answers[0].Reference.Should().NotBe(samples[0].Answers[0].Policy);
    }

    [Fact]
    public void Fit_SeveralProcesses_RecordAllAnswersOfOne()
    {
        using (DpoTransformer alone = Fit(Options() with { BatchSize = 4 }))
        {
        }
        SampledAnswer[] expected = [.. Samples()[0].Answers];

        _ = SharedMemory.Run(2, ranks =>
        {
            using DpoTransformer trained = Fit(Options() with
            {
                BatchSize = 2,
                Communicator = ranks,
                RunDirectory = ranks.Rank == 0 ? new() { Folder = Run } : null,
            });
            return 0;
        });

        Samples()[0].Answers.Should().Equal(expected);
    }

    [Fact]
    public void Fit_Supervised_HasAnswersWithoutReference()
    {
        using SftTransformer trained = new SftTrainer(_context, new SftTrainer.Options
        {
            Model = _model, LearningRate = 1e-2, InputIdsColumnName = "ChosenInputIds", LabelsColumnName = "ChosenLabels",
            LossMaskColumnName = "ChosenLossMask", RunDirectory = new() { Folder = Run },
            Validation = new() { Data = SmallModel.Pairs(_context, 4, seed: 9), SamplePrompts = 2, SampleTokens = 5 },
        }).Fit(SmallModel.Pairs(_context, 12));

        Samples().Select(sample => sample.Step).Should().Equal(0, 3);
        Samples().SelectMany(sample => sample.Answers).Should().OnlyContain(answer => answer.Reference == null);
        File.Exists(Path.Combine(Run, DiagnosisSample.FileName)).Should().BeFalse();
        JsonNode.Parse(File.ReadAllBytes(Path.Combine(Run, MaskSample.FileName)))![0]!["sides"]![0]!["side"]!.GetValue<string>().Should().Be("conversation");
    }

    [Fact]
    public void Fit_Feedback_HasAnswersAndMasks()
    {
        using KtoTransformer trained = new KtoTrainer(_context, new KtoTrainer.Options
        {
            Model = _model, LearningRate = 1e-2, BatchSize = 6, RunDirectory = new() { Folder = Run },
            Validation = new() { Data = FeedbackRows.Prepared(_context, 4, seed: 9), SamplePrompts = 2, SampleTokens = 5 },
        }).Fit(FeedbackRows.Prepared(_context, 12));

        Samples().Select(sample => sample.Step).Should().Equal(0, 2);
        Samples()[0].Answers.Should().OnlyContain(answer => answer.Reference == answer.Policy);
        JsonNode.Parse(File.ReadAllBytes(Path.Combine(Run, MaskSample.FileName)))!.AsArray().Select(row => row!["sides"]![0]!["side"]!.GetValue<string>())
            .Should().Equal("good", "bad", "good");
    }

    [Fact]
    public void Fit_Masks_AreTheFirstPairsWithWhatCounts()
    {
        using DpoTransformer trained = Fit(Options());
        PreferenceExample pair = RandomPairs.Make(12, 1024, 3)[0];

        JsonArray rows = JsonNode.Parse(File.ReadAllBytes(Path.Combine(Run, MaskSample.FileName)))!.AsArray();
        rows.Should().HaveCount(3);
        JsonNode chosen = rows[0]!["sides"]![0]!;
        chosen["tokens"]!.GetValue<int>().Should().Be(pair.Chosen.InputIds.Length + 1);
        chosen["trained"]!.GetValue<int>().Should().Be(pair.Chosen.LossTokens);
        string.Concat(chosen["pieces"]!.AsArray().Where(piece => piece!["trained"]!.GetValue<bool>()).Select(piece => piece!["text"]!.GetValue<string>()))
            .Should().Be(_model.Tokenizer.Decode([.. pair.Chosen.Labels.Where((_, i) => pair.Chosen.LossMask[i] != 0)]));
        JsonNode.Parse(File.ReadAllBytes(Path.Combine(Run, DiagnosisSample.FileName)))!["missing"]!.GetValue<string>().Should().Contain("no text columns");
    }

    [Fact]
    public void Options_AnswersWithoutPrompts_AreRefused()
    {
        Action make = () => _ = new DpoTrainer(_context, Options() with { Validation = null, RunDirectory = new() { Folder = Run, Files = RunFiles.Answers } });
        make.Should().Throw<ArgumentException>().WithMessage("*Validation.SamplePrompts*");
        make = () => _ = new DpoTrainer(_context, Options() with { RunDirectory = new() { Folder = Run, Files = RunFiles.Report } });
        make.Should().Throw<ArgumentException>().WithMessage("*made of RunJson*");
    }

    private DpoTrainer.Options Options() => new()
    {
        Model = _model, LearningRate = 1e-2, Epochs = 2, LogInterval = 2, RunDirectory = new() { Folder = Run },
        Validation = new() { Data = SmallModel.Pairs(_context, 5, seed: 9), EverySteps = 3, SamplePrompts = 2, SampleTokens = 5 },
    };

    private DpoTransformer Fit(DpoTrainer.Options options) => new DpoTrainer(_context, options).Fit(SmallModel.Pairs(_context, 12));

    private List<AnswerSample> Samples() => AnswerLog.Read(File.ReadAllBytes(Path.Combine(Run, AnswerLog.FileName)), long.MaxValue, out _);

    private static string HashOf(DpoTransformer trained)
    {
        using PretrainedModel model = trained.AsModel();
        return MiniMind.MLNet.Dpo.Weights.WeightHash.Sha256(model.Network.Network);
    }

    private sealed class AtStep(long step, Action act) : IProgress<DpoProgress>
    {
        public void Report(DpoProgress value)
        {
            if (value.Step == step)
                act();
        }
    }
}
