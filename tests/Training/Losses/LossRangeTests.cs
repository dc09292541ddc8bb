using MiniMind.MLNet.Dpo.Training.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>What parameters losses take, and how they behave at the ends of their ranges.</summary>
public sealed class LossRangeTests
{
    public static TheoryData<string> Refused => [.. s_refused.Keys];

    private static readonly Dictionary<string, Func<PreferenceLoss>> s_refused = new()
    {
        ["robust at one half"] = () => PreferenceLoss.Robust(0.5),
        ["EXO without doubt"] = () => PreferenceLoss.Exo(0),
        ["EXO below"] = () => PreferenceLoss.Exo(-0.1),
        ["AOT"] = () => PreferenceLoss.Aot(0.5),
        ["AOT unpaired"] = () => PreferenceLoss.AotUnpaired(double.NaN),
        ["DiscoPOP at 0"] = () => PreferenceLoss.DiscoPop(0),
        ["DiscoPOP infinite"] = () => PreferenceLoss.DiscoPop(double.PositiveInfinity),
        ["forward KL"] = () => PreferenceLoss.ForwardKl(0.5),
        ["Jensen-Shannon"] = () => PreferenceLoss.JensenShannon(-1),
        ["alpha below 0"] = () => PreferenceLoss.AlphaDivergence(-0.1),
        ["alpha's smoothing"] = () => PreferenceLoss.AlphaDivergence(0.5, 0.5),
        ["LD above 1"] = () => PreferenceLoss.LengthDesensitized(1.1),
        ["LD of means"] = () => PreferenceLoss.LengthDesensitized(0.5, PreferenceLoss.SimPO()),
        ["LD of WPO"] = () => PreferenceLoss.LengthDesensitized(0.5, PreferenceLoss.Wpo()),
        ["WPO of AOT"] = () => PreferenceLoss.Wpo(PreferenceLoss.Aot()),
        ["WPO of WPO"] = () => PreferenceLoss.Wpo(PreferenceLoss.Wpo()),
        ["DPOP below 0"] = () => PreferenceLoss.Dpop(-1),
        ["CPO below 0"] = () => PreferenceLoss.Cpo(-1),
        ["SimPO below 0"] = () => PreferenceLoss.SimPO(-0.1),
        ["AlphaPO at 0"] = () => PreferenceLoss.AlphaPO(0),
        ["AlphaPO's margin"] = () => PreferenceLoss.AlphaPO(0.25, double.NaN),
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Factory_ValueOutsideItsRange_IsRefused(string name) => s_refused[name].Should().Throw<ArgumentException>();

    [Theory]
    [InlineData(-1e-6)]
    [InlineData(-1e-7)]
    [InlineData(0)]
    [InlineData(-1e-300)]
    [InlineData(-0.6931)]
    [InlineData(-0.6932)]
    [InlineData(-50)]
    [InlineData(-1e4)]
    public void Orpo_AnyMean_IsFiniteWithAFiniteGradient(double mean)
    {
        foreach (ScalarType type in (ScalarType[])[ScalarType.Float64, ScalarType.Float32])
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor policy = tensor([mean, -1.25, -1.25, mean]).to(type).requires_grad_();
            Tensor losses = new PreferenceObjective(PreferenceLoss.Orpo(), 0.1, LogProbReduction.Mean)
                .Losses(new PairLogProbs(policy, zeros_like(policy), ones(4)));
            losses.sum().backward();

            losses.to(ScalarType.Float64).data<double>().Should().OnlyContain(loss => double.IsFinite(loss));
            policy.grad!.to(ScalarType.Float64).data<double>().Should().OnlyContain(gradient => double.IsFinite(gradient));
        }
    }

    [Fact]
    public void Orpo_NearCertainty_KeepsItsDigits() // log odds at -1e-6: -1e-6 - log(1e-6 - 5e-13)
    {
        using DisposeScope scope = NewDisposeScope();
        double odds = -1e-6 - Math.Log(1e-6 - 5e-13), others = -1.25 - Math.Log(1 - Math.Exp(-1.25));

        double loss = new PreferenceObjective(PreferenceLoss.Orpo(), 0.1, LogProbReduction.Mean)
            .Losses(new PairLogProbs(tensor([-1e-6, -1.25]), zeros(2, dtype: float64), ones(2))).item<double>();

        loss.Should().BeApproximately(1e-6 + 0.1 * double.LogP1(Math.Exp(others - odds)), 1e-12);
    }

    [Fact]
    public void SimPO_WithoutMarginOfEqualLengths_IsDpoWithoutReference() // beta / n of sums of n tokens
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor sums = tensor([-12.0, -14]), none = zeros(2, dtype: float64), labels = tensor([4f, 4f]);

        double means = new PreferenceObjective(PreferenceLoss.SimPO(0), 2, LogProbReduction.Mean)
            .Losses(new PairLogProbs(sums / 4, none, labels)).item<double>();

        means.Should().BeApproximately(new PreferenceObjective(PreferenceLoss.Sigmoid(), 2 / 4.0, LogProbReduction.Sum)
            .Losses(new PairLogProbs(sums, none, labels)).item<double>(), 1e-12);
    }

    [Theory]
    [InlineData(0, 2.0)] // the rejected side's tail does not count: b = -1 * 5/8
    [InlineData(1, 2.0)]
    public void LengthDesensitized_AtTheEndsOfAlpha_CountsTailsNotAtAllOrWhole(double alpha, double a)
    {
        double b = alpha == 1 ? -1 : -1 * (1 - LossOracle.TailShare), h = 0.1 * (a - b);

        LossOracle.Of(PreferenceLoss.LengthDesensitized(alpha), LogProbReduction.Sum, a, -1).Loss.Should().BeApproximately(Math.Log(1 + Math.Exp(-h)), 1e-12);
    }

    [Theory]
    [InlineData(0.2, 1)] // far more likely than a draw of its own: the weight is held at 1
    [InlineData(-0.2, 0.67032)] // exp(-0.4)
    public void Wpo_Weight_IsAtMostOne(double above, double weight)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor sums = tensor([-10.0, -16]), labels = tensor([5f, 8f]);
        PairLogProbs pairs = new(sums, tensor([-11.0, -15]), labels) { Collisions = sums - labels * above };
        PreferenceObjective plain = new(PreferenceLoss.Sigmoid(), 0.1, LogProbReduction.Sum);

        double weighed = (plain with { Loss = PreferenceLoss.Wpo() }).Losses(pairs).item<double>();

        weighed.Should().BeApproximately(weight * plain.Losses(pairs).item<double>(), 1e-6);
    }

    [Fact]
    public void Options_WhatALossWithoutOrWithReferenceCannotDo_AreRefusedByName()
    {
        using PretrainedModel model = Infrastructure.SmallModel.Create();
        void ShouldBeRefused(DpoTrainer.Options options, string message) =>
            FluentActions.Invoking(() => new DpoTrainer(new Microsoft.ML.MLContext(), options)).Should().Throw<ArgumentException>().WithMessage(message);

        foreach (PreferenceLoss loss in (PreferenceLoss[])[PreferenceLoss.SimPO(), PreferenceLoss.Orpo(), PreferenceLoss.Cpo(), PreferenceLoss.AlphaPO(),
            PreferenceLoss.NegativeLogLikelihood()])
        {
            ShouldBeRefused(new() { Model = model, Loss = loss, Reference = ReferenceMode.Precomputed }, $"*Loss {loss.Name} has no reference*");
            ShouldBeRefused(new() { Model = model, Loss = loss, ReferenceModel = model }, $"*Loss {loss.Name} has no reference*");
            ShouldBeRefused(new() { Model = model, Loss = loss, ReferenceCacheFolder = "kept" }, $"*Loss {loss.Name} has no reference*");
        }
        foreach (PreferenceLoss loss in (PreferenceLoss[])[PreferenceLoss.Nca(), PreferenceLoss.Dpop(), PreferenceLoss.AotUnpaired(),
            PreferenceLoss.Wpo(PreferenceLoss.ForwardKl())])
        {
            ShouldBeRefused(new() { Model = model, Loss = loss, Reference = ReferenceMode.None },
                $"*Loss {loss.Name} measures each side against the reference, but Reference is None*");
        }

        ShouldBeRefused(new() { Model = model, Loss = PreferenceLoss.SimPO(), Reduction = LogProbReduction.Sum },
            "*Reduction is Sum, but Loss SimPO takes Mean only*");
        ShouldBeRefused(new() { Model = model, Loss = PreferenceLoss.NegativeLogLikelihood(), Beta = 0.1 },
            "*Beta is 0.1, but Loss NegativeLogLikelihood has none*");
        ShouldBeRefused(new() { Model = model, Loss = PreferenceLoss.Bco(centered: true), AutoBatch = true }, "*couples the pairs of a step, which AutoBatch*");
    }
}
