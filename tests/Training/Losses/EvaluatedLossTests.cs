using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>What evaluations measure of each loss: during training, of scores, after a model was saved, on several processes.</summary>
public sealed class EvaluatedLossTests : IDisposable
{
    private const double Rounding = 1e-5; // evaluations run in other passes than scoring

    private readonly MLContext _context = new(seed: 1);
    private readonly PretrainedModel _model = SmallModel.Create();
    private readonly IDataView _pairs, _heldOut;

    public EvaluatedLossTests() => (_pairs, _heldOut) = (SmallModel.Pairs(_context, 8), SmallModel.Pairs(_context, 19, seed: 9));

    [Theory]
    [MemberData(nameof(EveryLoss.Names), MemberType = typeof(EveryLoss))]
    public void Evaluate_OfEveryLoss_IsTheLossOfValidationAlsoOfASavedModel(string name)
    {
        using DpoTransformer trained = Fit(EveryLoss.ByName[name]);
        double validated = trained.TrainingSummary.Evaluations[^1].Metrics[MetricNames.Loss];

        PreferenceMetrics metrics = _context.Preferences.Evaluate(trained.Transform(_heldOut));

        trained.TrainingSummary.Evaluations[0].Metrics[MetricNames.Loss].Should().NotBe(validated, "a run that changes nothing shows nothing");
        metrics.Loss.Should().BeApproximately(validated, Rounding * Math.Max(1, Math.Abs(validated)));
        metrics.ToString().Should().NotContain("NaN");
        using MemoryStream file = new();
        _context.Model.Save(trained, _heldOut.Schema, file);
        file.Position = 0;
        using DpoTransformer loaded = (DpoTransformer)_context.Model.Load(file, out _);
        _context.Preferences.Evaluate(loaded.Transform(_heldOut)).Loss.Should().Be(metrics.Loss, "the file says which loss it is");
    }

    [Theory]
    [InlineData("Aot")]
    [InlineData("AotUnpaired")]
    [InlineData("centered")]
    public void Validation_OfACoupledLoss_IsThatOfAllPairsWhateverTheBatches(string name)
    {
        PreferenceLoss loss = name == "centered" ? PreferenceLoss.Bco(centered: true) : EveryLoss.ByName[name];
        double Last(int batch)
        {
            using DpoTransformer trained = Fit(loss, batch);
            trained.TrainingSummary.Steps.Should().Be(1);
            double validated = trained.TrainingSummary.Evaluations[^1].Metrics[MetricNames.Loss];
            _context.Preferences.Evaluate(trained.Transform(_heldOut)).Loss.Should().BeApproximately(validated, Rounding);
            return validated;
        }

        Last(8).Should().BeApproximately(Last(9), 1e-6, "one step of all pairs is the same, and evaluations run in other batches");
    }

    [Theory]
    [InlineData("Sigmoid")]
    [InlineData("Wpo")]
    [InlineData("LengthDesensitized")]
    [InlineData("Aot")]
    public void Evaluate_ThreeRanks_EachGetsTheLossOfOne(string name)
    {
        using DpoTransformer trained = Fit(EveryLoss.ByName[name]);
        IDataView scored = trained.Transform(_heldOut);
        double one = _context.Preferences.Evaluate(scored).Loss;

        double[] losses = SharedMemory.Run(3, communicator => _context.Preferences.Evaluate(scored, communicator).Loss);

        losses.Should().OnlyContain(loss => loss == losses[0]);
        losses[0].Should().BeApproximately(one, Rounding);
    }

    [Fact]
    public void Evaluate_ScoresWithoutWhatTheLossTakes_SaysThatItIsNotKnown()
    {
        using DpoTransformer trained = Fit(PreferenceLoss.SimPO()), likelihood = Fit(PreferenceLoss.NegativeLogLikelihood(), reduction: LogProbReduction.Sum),
            plain = Fit(PreferenceLoss.Sigmoid());
        IDataView Without(DpoTransformer scorer) =>
            _context.Transforms.DropColumns("LossTerms").Fit(scorer.Transform(_heldOut)).Transform(scorer.Transform(_heldOut));

        _context.Preferences.Evaluate(Without(plain)).Loss.Should()
            .BeApproximately(_context.Preferences.Evaluate(plain.Transform(_heldOut)).Loss, 1e-6, "its margin says it");
        _context.Preferences.Evaluate(Without(trained)).Loss.Should()
            .BeApproximately(_context.Preferences.Evaluate(trained.Transform(_heldOut)).Loss, 1e-4, "its means say it");
        PreferenceMetrics unknown = _context.Preferences.Evaluate(Without(likelihood));
        unknown.Loss.Should().Be(double.NaN);
        unknown.ToString().Should().EndWith("loss not known, which takes the column LossTerms of the scores");
        unknown.Accuracy.Should().Be(_context.Preferences.Evaluate(likelihood.Transform(_heldOut)).Accuracy);
    }

    [Fact]
    public void Evaluate_LossTermsOfAnotherLoss_AreRefused()
    {
        using DpoTransformer trained = Fit(PreferenceLoss.Sigmoid());
        IDataView scored = trained.Transform(_heldOut);
        IDataView wrong = _context.Transforms.CopyColumns("LossTerms", "Margin").Fit(scored).Transform(scored);

        FluentActions.Invoking(() => _context.Preferences.Evaluate(wrong)).Should().Throw<InvalidOperationException>()
            .WithMessage("Column 'LossTerms' is Single, but loss Sigmoid takes Vector<Double, 6>*");
    }

    [Fact]
    public void Transform_LossTerms_AreSumsAndLabels()
    {
        using DpoTransformer trained = Fit(PreferenceLoss.Sigmoid());
        PreparedPair[] rows = [.. _context.Data.CreateEnumerable<PreparedPair>(_heldOut, reuseRowObject: false)];
        PreferenceScore[] scores = [.. _context.Data.CreateEnumerable<PreferenceScore>(trained.Transform(_heldOut), reuseRowObject: false,
            ignoreMissingColumns: true)];

        double[][] terms = [.. trained.Transform(_heldOut).GetColumn<VBuffer<double>>("LossTerms").Select(row => row.DenseValues().ToArray())];

        for (int i = 0; i < rows.Length; i++)
        {
            terms[i][4].Should().Be(rows[i].ChosenLossMask.Sum());
            terms[i][5].Should().Be(rows[i].RejectedLossMask.Sum());
            (terms[i][0] / terms[i][4]).Should().BeApproximately(scores[i].ChosenLogProb, 1e-5);
            (0.15 * (terms[i][1] - terms[i][3]) / terms[i][5]).Should().BeApproximately(scores[i].RejectedReward, 1e-5);
        }
    }

    [Fact]
    public void Probability_OfADivergence_IsTheLosssOwnModel() // sigmoid of beta * (g(a) - g(b)) with g(x) = -exp(-x), a = 2, b = -1
    {
        double probability = new Dpo.Training.Losses.PreferenceObjective(PreferenceLoss.ForwardKl(), 0.1, LogProbReduction.Sum).Probability(0.2, -0.1);

        probability.Should().BeApproximately(1 / (1 + Math.Exp(-0.1 * (-Math.Exp(-2) + Math.E))), 1e-12);
        (-Math.Log(probability)).Should().BeApproximately(LossOracle.Of(PreferenceLoss.ForwardKl(), LogProbReduction.Sum, 2, -1).Loss, 1e-9);
    }

    public void Dispose() => _model.Dispose();

    private DpoTransformer Fit(PreferenceLoss loss, int batch = 8, LogProbReduction? reduction = null) => new DpoTrainer(_context, new()
    {
        Model = _model, Loss = loss, Reduction = reduction ?? loss.DefaultReduction, LearningRate = 1e-3, BatchSize = batch,
        Validation = new() { Data = _heldOut, SamplePrompts = 0 },
        ConsoleWarnings = false, Guards = GuardOptions.None,
    }).Fit(_pairs);
}
