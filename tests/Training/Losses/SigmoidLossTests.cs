using System.Text.Json;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Transforms.Persistence;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

public sealed class SigmoidLossTests
{
    [Theory]
    [InlineData(0, 2, -1, 0.554355, -0.042556, 0.042556)]
    [InlineData(0, -1.5, 0.5, 0.798139, -0.054983, 0.054983)]
    [InlineData(0.1, 2, -1, 0.584355, -0.032556, 0.032556)]
    [InlineData(0.1, -1.5, 0.5, 0.778139, -0.044983, 0.044983)]
    public void Losses_OfAPair_AreTheFormulas(double smoothing, double a, double b, double loss, double byChosen, double byRejected) =>
        LossOracle.Of(PreferenceLoss.Sigmoid(smoothing), LogProbReduction.Sum, a, b).ShouldBe(loss, byChosen, byRejected);

    [Fact]
    public void Losses_OfMeans_AreThoseOfTheDividedSums() // -log sigmoid(0.1 * (2 / 5 + 1 / 8)), and its derivatives over 5 and 8
    {
        double h = 0.1 * (2 / 5.0 + 1 / 8.0), slope = -0.1 / (1 + Math.Exp(h));

        LossOracle.Of(PreferenceLoss.Sigmoid(), LogProbReduction.Mean, 2, -1).ShouldBe(Math.Log(1 + Math.Exp(-h)), slope / 5, -slope / 8);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void Losses_ExtremeMargins_StayFinite(double smoothing)
    {
        foreach (double a in new[] { -1e6, 1e6 })
        {
            (double loss, double byChosen, double byRejected) = LossOracle.Of(PreferenceLoss.Sigmoid(smoothing), LogProbReduction.Sum, a, -a, beta: 1);

            new[] { loss, byChosen, byRejected }.Should().OnlyContain(value => double.IsFinite(value));
        }
    }

    [Theory]
    [InlineData(0, 0.5)]
    [InlineData(0.1, 0.4)]
    public void Start_OfAnySmoothing_IsLn2WithItsSlope(double smoothing, double slope)
    {
        PreferenceObjective objective = new(PreferenceLoss.Sigmoid(smoothing), 0.3, LogProbReduction.Mean);

        objective.Start().Should().Be(new LossStart(Math.Log(2), "ln 2"));
        LossOracle.Of(objective.Loss, LogProbReduction.Sum, 0, 0).Loss.Should().BeApproximately(Math.Log(2), 1e-15);
        objective.StartSlope().Should().BeApproximately(slope, 1e-7, "that is half of what the two labels differ by");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void OfScores_OfAPair_IsItsLoss(double smoothing)
    {
        PreferenceObjective objective = new(PreferenceLoss.Sigmoid(smoothing), 0.1, LogProbReduction.Sum);

        double expected = LossOracle.Of(objective.Loss, LogProbReduction.Sum, 2, -1).Loss;

        objective.OfScores(new ScoredPair(-10, -15, 0.2, -0.1, 0.3)).Should().BeApproximately(expected, 1e-12);
    }

    [Fact]
    public void OfScores_OfAPairWithAnOffset_TakesItFromTheChosenSide()
    {
        PreferenceObjective objective = new(PreferenceLoss.Sigmoid(), 0.1, LogProbReduction.Sum);
        PreferenceObjective separate = new(PreferenceLoss.ApoZero(), 0.1, LogProbReduction.Sum);
        ScoredPair scores = new(-10, -15, 0.2, -0.1, 0.3);

        objective.OfScores(scores, 0.25).Should().BeApproximately(Math.Log(1 + Math.Exp(-0.05)), 1e-12);
        separate.OfScores(scores, 0.25).Should().BeApproximately(separate.OfScores(new ScoredPair(-10, -15, -0.05, -0.1, 0.05)), 1e-12)
            .And.NotBeApproximately(separate.OfScores(scores), 1e-3);
    }

    [Fact]
    public void Formula_WithAndWithoutReferenceAndSmoothing_SaysWhichItIs()
    {
        PreferenceLoss plain = PreferenceLoss.Sigmoid(), smoothed = PreferenceLoss.Sigmoid(0.25);

        plain.Formula(withReference: true).Should().Be(
            "-log sigmoid(beta * ((log pi(chosen) - log ref(chosen)) - (log pi(rejected) - log ref(rejected)))), " +
            "averaged per pair; Rafailov et al. 2023 (arXiv 2305.18290) eq. 7");
        plain.Formula(withReference: false).Should().Be(
            "-log sigmoid(beta * (log pi(chosen) - log pi(rejected))), " +
            "averaged per pair; Rafailov et al. 2023 (arXiv 2305.18290) eq. 7 with a uniform reference");
        smoothed.Formula(withReference: true).Should()
            .StartWith("-0.75 * log sigmoid(h) - 0.25 * log sigmoid(-h) with h = beta * ((log pi(chosen) - log ref(chosen))");
    }

    [Theory]
    [InlineData(-0.01)]
    [InlineData(0.5)]
    [InlineData(double.NaN)]
    public void Sigmoid_SmoothingOutsideItsRange_IsRefused(double smoothing) =>
        FluentActions.Invoking(() => PreferenceLoss.Sigmoid(smoothing)).Should().Throw<ArgumentOutOfRangeException>().WithMessage("*at least 0 and below 0.5*");

    [Fact]
    public void Json_OfALoss_IsItsNameAndParametersAndComesBack()
    {
        string json = JsonSerializer.Serialize(PreferenceLoss.Sigmoid(0.1), EntryJson.Options);

        json.Should().Be("""{"Name":"Sigmoid","LabelSmoothing":0.1}""");
        JsonSerializer.Deserialize<PreferenceLoss>(json, EntryJson.Options).Should().Be(PreferenceLoss.Sigmoid(0.1)).And.NotBe(PreferenceLoss.Sigmoid());
    }
}
