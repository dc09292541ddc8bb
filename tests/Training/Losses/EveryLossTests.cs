using System.Text.Json;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Transforms.Persistence;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>What each loss says of itself agrees with its formula.</summary>
public sealed class EveryLossTests
{
    [Theory]
    [MemberData(nameof(EveryLoss.WithReductions), MemberType = typeof(EveryLoss))]
    public void Losses_SideWithoutALabel_AreFiniteWithFiniteGradients(string name, LogProbReduction reduction)
    {
        if (reduction == LogProbReduction.Mean)
            return; // refused: there is no mean of nothing
        using DisposeScope scope = NewDisposeScope();
        Tensor sums = tensor([0.0, -14]).requires_grad_(); // (2)
        PreferenceObjective objective = new(EveryLoss.ByName[name], EveryLoss.ByName[name].DefaultBeta ?? 1, reduction);

        Tensor losses = objective.Losses(LossOracle.Pairs(sums, tensor([0.0, -13]), tensor([0f, 8f]), reduction));
        losses.sum().backward();

        double.IsFinite(losses.item<double>()).Should().BeTrue();
        sums.grad!.data<double>().Should().OnlyContain(value => double.IsFinite(value));
    }

    [Theory]
    [MemberData(nameof(EveryLoss.WithReductions), MemberType = typeof(EveryLoss))]
    public void Losses_AfterASmallStepDown_AreLower(string name, LogProbReduction reduction)
    {
        PreferenceLoss loss = EveryLoss.ByName[name];
        double beta = loss.DefaultBeta ?? 1;
        (double before, double byChosen, double byRejected) = LossOracle.Of(loss, reduction, 0.3, -0.2, beta);
        double step = 1e-6 / Math.Sqrt(byChosen * byChosen + byRejected * byRejected);

        double after = LossOracle.Of(loss, reduction, 0.3 - step * byChosen, -0.2 - step * byRejected, beta).Loss;

        double expected = step * (byChosen * byChosen + byRejected * byRejected);
        if (name != "Wpo")
            (before - after).Should().BeApproximately(expected, 1e-3 * expected, "the gradient is the loss's own"); // its weight has none
    }

    [Fact]
    public void Factories_OfTheLibrary_AreFound() => EveryLoss.ByName.Should().ContainKey("Sigmoid", "the tests must see the losses");

    [Theory]
    [MemberData(nameof(EveryLoss.Names), MemberType = typeof(EveryLoss))]
    public void Json_OfALoss_ComesBack(string name)
    {
        PreferenceLoss loss = EveryLoss.ByName[name];

        loss.Name.Should().Be(name, "files and code have one name");
        JsonSerializer.Deserialize<PreferenceLoss>(JsonSerializer.Serialize(loss, EntryJson.Options), EntryJson.Options).Should().Be(loss);
    }

    [Theory]
    [MemberData(nameof(EveryLoss.WithReductions), MemberType = typeof(EveryLoss))]
    public void Start_WhereThePolicyIsTheReference_IsTheLoss(string name, LogProbReduction reduction)
    {
        PreferenceLoss loss = EveryLoss.ByName[name];
        double beta = loss.DefaultBeta ?? 1;

        if (loss.Start(new LossTerms(beta, reduction)) is { } start)
            LossOracle.Of(loss, reduction, 0, 0, beta).Loss.Should().BeApproximately(start.Value, 1e-12);
    }

    [Theory]
    [MemberData(nameof(EveryLoss.WithReductions), MemberType = typeof(EveryLoss))]
    public void Direction_Fixed_IsWhatTheGradientHas(string name, LogProbReduction reduction)
    {
        PreferenceLoss loss = EveryLoss.ByName[name];
        if (loss.Direction != GradientDirection.Fixed)
            return;
        double Ratio(double a, double b)
        {
            (_, double byChosen, double byRejected) = LossOracle.Of(loss, reduction, a, b);
            return Math.Atan2(byChosen, byRejected);
        }

        double at = Ratio(0, 0);
        foreach ((double a, double b) in new[] { (2.0, -1), (-1.5, 0.5), (-3, -4), (1, 7) })
            Ratio(a, b).Should().BeApproximately(at, 1e-9);
    }

    [Theory]
    [MemberData(nameof(EveryLoss.WithReductions), MemberType = typeof(EveryLoss))]
    public void Losses_ExtremeLogProbs_AreFiniteWithFiniteGradients(string name, LogProbReduction reduction)
    {
        PreferenceLoss of = EveryLoss.ByName[name];
        foreach ((double a, double b) in new[] { (1e4, -1e4), (-1e4, 1e4), (-1e4, -1e4), (0, 0), (12, 14), (11.999999, 0) })
        {
            foreach (ScalarType type in (ScalarType[])[ScalarType.Float64, ScalarType.Float32])
            {
                (double loss, double byChosen, double byRejected) = LossOracle.Of(of, reduction, a, b, of.DefaultBeta ?? 1, type);

                new[] { loss, byChosen, byRejected }.Should()
                    .OnlyContain(value => double.IsFinite(value) && Math.Abs(value) < float.MaxValue, "of {0} and {1} in {2}", a, b, type);
            }
        }
    }

    [Theory]
    [MemberData(nameof(EveryLoss.WithReductions), MemberType = typeof(EveryLoss))]
    public void Rewards_OfAResponse_ComeBackAsNatsPerToken(string name, LogProbReduction reduction)
    {
        using DisposeScope scope = NewDisposeScope();
        PreferenceObjective objective = new(EveryLoss.ByName[name], 0.4, reduction);
        double divisor = reduction == LogProbReduction.Mean ? 5 : 1;

        double reward = objective.Rewards(tensor([-10 / divisor]), tensor([-12 / divisor]), tensor([5f])).item<double>();

        if (objective.Loss.UsesReference)
            objective.NatsPerToken(reward, meanTokens: 5).Should().BeApproximately(2 / 5.0, 1e-12);
        else
            objective.NatsPerToken(reward, meanTokens: 5).Should().BeApproximately(-10 / 5.0, 1e-12);
    }

    [Theory]
    [MemberData(nameof(EveryLoss.WithReductions), MemberType = typeof(EveryLoss))]
    public void OfScores_OfAPair_IsItsLossOrNotANumber(string name, LogProbReduction reduction)
    {
        using DisposeScope scope = NewDisposeScope();
        PreferenceObjective objective = new(EveryLoss.ByName[name], 0.4, reduction);
        PairLogProbs pairs = LossOracle.Pairs(tensor([-2.5, -3.75]), tensor([-2.75, -3.5]), tensor([5f, 8f]), LogProbReduction.Sum);
        PreferenceLosses expected = objective.Of(pairs);
        double chosen = expected.ChosenRewards.item<double>(), rejected = expected.RejectedRewards.item<double>();

        double loss = objective.OfScores(new ScoredPair(-2.5, -3.75, chosen, rejected, chosen - rejected));

        if (!double.IsNaN(loss))
            loss.Should().BeApproximately(expected.Losses.item<double>(), 1e-9);
    }
}
