using System.Text.Json;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

public sealed class IpoLossTests : IDisposable
{
    private readonly MLContext _context = new(seed: 1);
    private readonly string _folder = Directory.CreateTempSubdirectory("ipo-").FullName;

    [Theory]
    [InlineData(LogProbReduction.Sum, 2, -1, 4, -4, 4)]
    [InlineData(LogProbReduction.Sum, -1.5, 0.5, 49, -14, 14)]
    [InlineData(LogProbReduction.Mean, 2, -1, 20.025625, -1.79, 1.11875)]
    [InlineData(LogProbReduction.Mean, -1.5, 0.5, 28.756406, -2.145, 1.340625)]
    public void Losses_OfAPair_AreTheFormulas(LogProbReduction reduction, double a, double b, double loss, double byChosen, double byRejected) =>
        LossOracle.Of(PreferenceLoss.Ipo(), reduction, a, b).ShouldBe(loss, byChosen, byRejected);

    [Fact]
    public void Losses_AtTheTarget_AreZeroWithoutGradient() => // 5 = 1 / (2 * 0.1)
        LossOracle.Of(PreferenceLoss.Ipo(), LogProbReduction.Sum, 3, -2).ShouldBe(0, 0, 0);

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(0.5, 1)]
    [InlineData(-0.25, 0.25)]
    [InlineData(9, 1)]
    public void Probability_OfAMargin_IsOneHalfAndTheMargin(double margin, double probability) =>
        PreferenceLoss.Ipo().Probability(margin).Should().Be(probability);

    [Fact]
    public void Formula_WithAndWithoutReference_SaysWhichItIs()
    {
        PreferenceLoss.Ipo().Formula(withReference: true).Should().Be(
            "((log pi(chosen) - log ref(chosen)) - (log pi(rejected) - log ref(rejected)) - 1 / (2 * beta))^2, " +
            "averaged per pair; Azar et al. 2023 (arXiv 2310.12036) eq. 17");
        PreferenceLoss.Ipo().Formula(withReference: false).Should()
            .StartWith("(log pi(chosen) - log pi(rejected) - 1 / (2 * beta))^2, ").And.EndWith("with a uniform reference");
    }

    [Fact]
    public void Fit_Ipo_TrainsMeasuresRecordsAndSavesThatLoss()
    {
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = SmallModel.Pairs(_context, 12);
        DpoTrainer trainer = new(_context, new()
        {
            Model = model, Loss = PreferenceLoss.Ipo(), LearningRate = 3e-3, Epochs = 6, LogInterval = 1,
            Validation = new() { Data = pairs }, RunDirectory = new() { Folder = _folder },
        });

        using DpoTransformer trained = trainer.Fit(pairs);

        IReadOnlyList<TrainingPoint> history = trained.TrainingSummary.History;
        history[0].Metrics[MetricNames.Loss].Should().BeApproximately(25, 1e-4, "1 / (2 * 0.1)^2 is where it starts with its own beta");
        history[^1].Metrics[MetricNames.Loss].Should().BeLessThan(24);
        double evaluated = trained.TrainingSummary.Evaluations[^1].Metrics[MetricNames.Loss];
        PreferenceMetrics metrics = _context.Preferences.Evaluate(trained.Transform(pairs));
        metrics.Loss.Should().BeApproximately(evaluated, 1e-4 * evaluated, "scores and validation measure one loss");
        PreferenceScore score = Scores(trained, pairs)[0];
        score.Probability.Should().BeApproximately(Math.Clamp(0.5f + score.Margin, 0, 1), 1e-6f);

        JsonElement run = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "run.json"))).RootElement.GetProperty("run");
        run.GetProperty("formula").GetString().Should().Be(PreferenceLoss.Ipo().Formula(withReference: true));
        run.GetProperty("options").GetProperty("Loss").GetString().Should().StartWith("IpoLoss");
        run.GetProperty("options").GetProperty("Beta").GetDouble().Should().Be(0.1);
        File.ReadAllText(Path.Combine(_folder, "curves.svg")).Should().Contain("Loss (nats^2 per pair)").And.Contain("1 / (2 beta)^2: no preference");

        using MemoryStream file = new();
        _context.Model.Save(trained, pairs.Schema, file);
        file.Position = 0;
        using DpoTransformer loaded = (DpoTransformer)_context.Model.Load(file, out _);
        _context.Preferences.Evaluate(loaded.Transform(pairs)).Loss.Should().Be(metrics.Loss, "the file says which loss it is");
        Scores(loaded, pairs)[0].Probability.Should().Be(score.Probability);
    }

    [Fact]
    public void Fit_LearningRateTooSmall_IsNoticedByTheLosssOwnStart()
    {
        using PretrainedModel model = SmallModel.Create();

        DpoTrainer trainer = new(_context, new() { Model = model, Loss = PreferenceLoss.Ipo(), LearningRate = 1e-9, LogInterval = 2, Epochs = 2 });

        using DpoTransformer trained = trainer.Fit(SmallModel.Pairs(_context, 40));

        trained.TrainingSummary.Warnings.Should().ContainSingle().Which.Message.Should()
            .Match("*the loss is 25.0000*, as at the start (1 / (2 beta)^2 = 25.00000), and the mean margin*too small for 20 steps*");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private List<PreferenceScore> Scores(DpoTransformer transformer, IDataView pairs) =>
        [.. _context.Data.CreateEnumerable<PreferenceScore>(transformer.Transform(pairs), reuseRowObject: false, ignoreMissingColumns: true)];
}
