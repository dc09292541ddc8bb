using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Losses;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>What is said of terms that a loss was not published with, and where its chosen side falls.</summary>
public sealed class LossWarningTests : IDisposable
{
    private readonly PretrainedModel _model = SmallModel.Create();

    [Theory]
    [MemberData(nameof(EveryLoss.Names), MemberType = typeof(EveryLoss))]
    public void Warnings_OfWhatALossRecommends_AreNone(string name)
    {
        DpoTrainer.Options options = new() { Model = _model, Loss = EveryLoss.ByName[name] };

        options.Objective.Warnings().Should().BeEmpty();
        FluentActions.Invoking(() => new DpoTrainer(new MLContext(), options)).Should().NotThrow("its own reduction and beta go with it");
    }

    [Theory]
    [MemberData(nameof(EveryLoss.Names), MemberType = typeof(EveryLoss))]
    public void Warnings_OfABetaFarOff_NameItsRange(string name)
    {
        PreferenceLoss loss = EveryLoss.ByName[name];
        if (loss.DefaultBeta is null)
            return;
        LogProbReduction reduction = loss.Takes(LogProbReduction.Sum) ? LogProbReduction.Sum : LogProbReduction.Mean;

        foreach (double beta in new[] { 1e-6, 1e3 })
        {
            new PreferenceObjective(loss, beta, reduction).Warnings().Should().ContainSingle().Which.Should()
                .Match($"Beta is {(beta < 1 ? "1E-06" : "1E+03")}, outside of the range in which loss * was published, *");
        }
    }

    [Theory]
    [InlineData("LengthNormalizedSigmoid", 0.99, true)]
    [InlineData("LengthNormalizedSigmoid", 1, false)]
    [InlineData("SimPO", 0.99, true)]
    [InlineData("SimPO", 10, false)]
    [InlineData("Sppo", 0.11, true)]
    [InlineData("Sppo", 0.1, false)]
    public void Warnings_AtTheEndOfARange_BeginBehindIt(string name, double beta, bool warns) =>
        new PreferenceObjective(EveryLoss.ByName[name], beta, EveryLoss.ByName[name].DefaultReduction).Warnings().Any().Should().Be(warns);

    [Fact]
    public void Warnings_OfAnotherReductionThanThePublished_SayWhich()
    {
        new PreferenceObjective(PreferenceLoss.Nca(), 0.01, LogProbReduction.Mean).Warnings().Should().ContainSingle()
            .Which.Should().StartWith("Loss Nca was published with Reduction Sum, but it is Mean");
        new PreferenceObjective(PreferenceLoss.Sigmoid(), 20, LogProbReduction.Mean).Warnings().Should().BeEmpty("of means many betas are in use");
        new PreferenceObjective(PreferenceLoss.Cpo(0), 0.1, LogProbReduction.Sum).Warnings().Should().ContainSingle().Which.Should()
            .Contain("lets both sides become unlikely");
    }

    [Fact]
    public void Fit_BetaOutsideOfTheRange_WarnsAsOtherWarningsGo()
    {
        MLContext context = new(seed: 1);
        List<string> log = [];
        context.Log += (_, line) => log.Add(line.Message);

        new DpoTrainer(context, new() { Model = _model, Loss = PreferenceLoss.SimPO(), Beta = 0.1, ConsoleWarnings = false }).Fit(SmallModel.Pairs(context, 4))
            .Dispose();

        log.Should().ContainSingle(line => line.Contains("Beta is 0.1, outside of the range in which loss SimPO was published, 1 to 10"));
    }

    [Fact]
    public void ChosenRemedy_OfALoss_NamesWhatHelpsThere()
    {
        PreferenceLoss.Sigmoid().ChosenRemedy.Should()
            .Contain("PreferenceLoss.Mix((0.8, PreferenceLoss.Sigmoid()), (0.2, PreferenceLoss.NegativeLogLikelihood()))").And.Contain("PreferenceLoss.Dpop()");
        PreferenceLoss.Mix((1, PreferenceLoss.Sigmoid()), (0.25, PreferenceLoss.NegativeLogLikelihood())).ChosenRemedy.Should().Contain("above 0.25");
        PreferenceLoss.Dpop(5).ChosenRemedy.Should().Contain("above 5");
        PreferenceLoss.ApoDown().ChosenRemedy.Should().Contain("on purpose").And.Contain("ApoZero");
    }

    public void Dispose() => _model.Dispose();
}
