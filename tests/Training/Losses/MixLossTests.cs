using System.Text.Json;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Transforms.Persistence;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

public sealed class MixLossTests : IDisposable
{
    private readonly MLContext _context = new(seed: 1);
    private readonly PretrainedModel _model = SmallModel.Create();

    private static PreferenceLoss s_likelihood => PreferenceLoss.NegativeLogLikelihood();

    [Fact]
    public void MeasuredParts_OfOneThatCounts_AreNone()
    {
        PreferenceLoss alone = PreferenceLoss.Mix((1, PreferenceLoss.Sigmoid()), (0, PreferenceLoss.NegativeLogLikelihood()));
        PreferenceLoss both = PreferenceLoss.Mix((1, PreferenceLoss.Sigmoid()), (0.5, PreferenceLoss.NegativeLogLikelihood()));

        alone.MeasuredParts.Should().BeEmpty("the mixture's own loss is the part's");
        both.MeasuredParts.Select(part => part.Weight).Should().Equal(1, 0.5);
    }

    [Fact]
    public void Equality_OfMixtures_IsThatOfTheirParts()
    {
        PreferenceLoss mix = PreferenceLoss.Mix((0.8, PreferenceLoss.Sigmoid(0.1)), (0.2, s_likelihood));

        mix.Should().Be(PreferenceLoss.Mix((0.8, PreferenceLoss.Sigmoid(0.1)), (0.2, s_likelihood)));
        mix.GetHashCode().Should().Be(PreferenceLoss.Mix((0.8, PreferenceLoss.Sigmoid(0.1)), (0.2, s_likelihood)).GetHashCode());
        mix.Should().NotBe(PreferenceLoss.Mix((0.8, PreferenceLoss.Sigmoid()), (0.2, s_likelihood)));
        mix.Should().NotBe(PreferenceLoss.Mix((0.7, PreferenceLoss.Sigmoid(0.1)), (0.2, s_likelihood)));
        mix.ToString().Should().Be("MixLoss { 0.8 * SigmoidLoss { LabelSmoothing = 0.1 } + 0.2 * NegativeLogLikelihoodLoss { } }", "checkpoints compare texts");
    }

    [Fact]
    public void Json_OfNestedLosses_ComesBack()
    {
        PreferenceLoss loss = PreferenceLoss.Mix(
            (0.5, PreferenceLoss.Mix((1, PreferenceLoss.LengthDesensitized(0.25, PreferenceLoss.Robust(0.2))))),
                (2, PreferenceLoss.Wpo(PreferenceLoss.AlphaDivergence(0.75, 0.1))), (0, s_likelihood));

        string json = JsonSerializer.Serialize(loss, EntryJson.Options);

        JsonSerializer.Deserialize<PreferenceLoss>(json, EntryJson.Options).Should().Be(loss);
        json.Should().Contain("""{"Weight":0,"Loss":{"Name":"NegativeLogLikelihood"}}""");
    }

    [Theory]
    [InlineData("""{"Name":"Mix","Parts":[]}""")]
    [InlineData("""{"Name":"Mix","Parts":[null]}""")]
    [InlineData("""{"Name":"Mix","Parts":[{"Weight":-1,"Loss":{"Name":"Hinge"}}]}""")]
    [InlineData("""{"Name":"Mix","Parts":[{"Weight":1,"Loss":{"Name":"Unheard"}}]}""")]
    [InlineData("""{"Name":"Wpo","Loss":{"Name":"Aot","LabelSmoothing":0}}""")]
    [InlineData("""{"Name":"Exo","LabelSmoothing":0}""")]
    public void Json_OfWhatNoFactoryMakes_IsRefused(string json) =>
        FluentActions.Invoking(() => JsonSerializer.Deserialize<PreferenceLoss>(json, EntryJson.Options)).Should().Throw<JsonException>();

    [Fact]
    public void Mix_WhatCannotBeMixed_IsRefused()
    {
        FluentActions.Invoking(() => PreferenceLoss.Mix()).Should().Throw<ArgumentException>().WithMessage("*weight above 0*");
        FluentActions.Invoking(() => PreferenceLoss.Mix((0, s_likelihood))).Should().Throw<ArgumentException>().WithMessage("*weight above 0*");
        FluentActions.Invoking(() => PreferenceLoss.Mix((double.NaN, s_likelihood))).Should().Throw<ArgumentException>()
            .WithMessage("*weight of NegativeLogLikelihood is NaN*");
        FluentActions.Invoking(() => PreferenceLoss.Mix((1, null!))).Should().Throw<ArgumentException>().WithMessage("*has no loss*");
        FluentActions.Invoking(() => PreferenceLoss.Mix((1, PreferenceLoss.SimPO()), (1, PreferenceLoss.LengthDesensitized())))
            .Should().Throw<ArgumentException>().WithMessage("*SimPO takes Mean; LengthDesensitized takes Sum*");
    }

    [Fact]
    public void Options_OfAMixture_AreThoseOfItsParts()
    {
        DpoTrainer.Options Of(params (double, PreferenceLoss)[] parts) => new() { Model = _model, Loss = PreferenceLoss.Mix(parts) };

        Of((1, s_likelihood), (1, PreferenceLoss.Nca())).Beta.Should().Be(0.01);
        Of((1, s_likelihood), (1, PreferenceLoss.Nca())).Reduction.Should().Be(LogProbReduction.Sum);
        Of((1, PreferenceLoss.Sigmoid()), (1, PreferenceLoss.LengthDesensitized())).Reduction.Should().Be(LogProbReduction.Sum, "the other takes no means");
        Of((1, PreferenceLoss.SimPO()), (0.1, s_likelihood)).HasReference.Should().BeFalse();
        Of((0, PreferenceLoss.Sigmoid()), (1, s_likelihood)).HasReference.Should().BeFalse("a part with weight 0 is not there");
        Of((1, PreferenceLoss.SimPO()), (0.1, PreferenceLoss.Sigmoid())).HasReference.Should().BeTrue();
        FluentActions.Invoking(() => new DpoTrainer(_context, Of((1, PreferenceLoss.Sigmoid()), (0.1, PreferenceLoss.Aot())) with { AccumulationSteps = 2 }))
            .Should().Throw<ArgumentException>().WithMessage("*Loss Mix couples the pairs*");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fit_MixtureOfOneLoss_IsThatLossBitForBit(bool withPartOfNoWeight)
    {
        IDataView pairs = SmallModel.Pairs(_context, 10);
        PreferenceLoss mix = withPartOfNoWeight ? PreferenceLoss.Mix((1, PreferenceLoss.Sigmoid()), (0, PreferenceLoss.Nca()))
            : PreferenceLoss.Mix((1, PreferenceLoss.Sigmoid()));
        (string Weights, double Loss, IEnumerable<double> History) Fit(PreferenceLoss loss, LogProbReduction reduction)
        {
            using DpoTransformer trained =
                new DpoTrainer(_context, new()
                {
                    Model = _model, Loss = loss, Reduction = reduction, LearningRate = 1e-3, Epochs = 2, LogInterval = 1,
                    MaxLogitsMegabytes = 1
                }).Fit(pairs);
            using PretrainedModel policy = trained.AsModel();
            return (Fingerprint.Of(policy.Network.Network), _context.Preferences.Evaluate(trained.Transform(pairs)).Loss,
                trained.TrainingSummary.History.Select(p => p.Metrics[MetricNames.Loss]));
        }

        foreach (LogProbReduction reduction in Enum.GetValues<LogProbReduction>())
        {
            Fit(mix, reduction).Should()
            .BeEquivalentTo(Fit(PreferenceLoss.Sigmoid(), reduction));
        }
    }

    [Fact]
    public void Fit_LikelihoodAlone_IsSupervisedTrainingOfTheChosenSides()
    {
        IDataView pairs = SmallModel.Pairs(_context, 9);
        PreferenceLoss mix = PreferenceLoss.Mix((0, PreferenceLoss.Sigmoid()), (1, s_likelihood));

        using DpoTransformer ours = new DpoTrainer(_context,
            new() { Model = _model, Loss = mix, LearningRate = 1e-3, BatchSize = 1, Epochs = 2, LogInterval = 1, Shuffle = false }).Fit(pairs);
        using SftTransformer theirs = new SftTrainer(_context, new()
        {
            Model = _model, LearningRate = 1e-3, BatchSize = 1, Epochs = 2, LogInterval = 1, Shuffle = false,
            InputIdsColumnName = "ChosenInputIds", LabelsColumnName = "ChosenLabels", LossMaskColumnName = "ChosenLossMask",
        }).Fit(pairs);

        double[] supervised = [.. theirs.TrainingSummary.History.Select(p => p.Metrics[MetricNames.Loss])];
        supervised.Skip(9).Average().Should().BeLessThan(supervised.Take(9).Average(), "in its second pass over the pairs");
        ours.TrainingSummary.History.Select(p => p.Metrics[MetricNames.Loss]).Zip(supervised).Should()
            .OnlyContain(both => Math.Abs(both.First - both.Second) < 1e-4);
        using PretrainedModel policy = ours.AsModel();
        foreach (((string name, TorchSharp.Modules.Parameter mine), (_, TorchSharp.Modules.Parameter other)) in
            policy.Network.Network.named_parameters().Zip(theirs.Model.Network.Network.named_parameters()))
        {
            TensorAssertions.MaxDifference(mine, other).Should()
                .BeLessThan(2e-4, name); // AdamW's first steps have the size of the rate, whatever the gradient's rounding
        }
    }

    [Fact]
    public void Fit_Mixture_MeasuresEachPartByItself()
    {
        IDataView pairs = SmallModel.Pairs(_context, 8);
        PreferenceLoss mix = PreferenceLoss.Mix((0.8, PreferenceLoss.Sigmoid()), (0.2, s_likelihood));

        using DpoTransformer trained = new DpoTrainer(_context, new() { Model = _model, Loss = mix, LearningRate = 1e-3, Epochs = 2, LogInterval = 1 })
            .Fit(pairs);

        foreach (TrainingPoint point in trained.TrainingSummary.History)
        {
            (0.8 * point.Metrics["loss/1_Sigmoid"] + 0.2 * point.Metrics["loss/2_NegativeLogLikelihood"]).Should()
                .BeApproximately(point.Metrics[MetricNames.Loss], 1e-9);
        }

        trained.TrainingSummary.History[0].Metrics["loss/1_Sigmoid"].Should().BeApproximately(Math.Log(2), 1e-6);
    }

    [Fact]
    public void Start_OfAMixture_IsTheSumOfItsParts()
    {
        PreferenceLoss known = PreferenceLoss.Mix((0.5, PreferenceLoss.Sigmoid()), (2, PreferenceLoss.ApoZero()));

        known.Start(new LossTerms(0.1, LogProbReduction.Sum))!.Value.Value.Should().BeApproximately(0.5 * Math.Log(2) + 2, 1e-12);
        PreferenceLoss.Mix((0.5, PreferenceLoss.Sigmoid()), (2, s_likelihood)).Start(new LossTerms(0.1, LogProbReduction.Sum)).Should().BeNull();
    }

    public void Dispose() => _model.Dispose();
}
