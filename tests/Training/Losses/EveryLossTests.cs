using System.Text.Json;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Transforms.Persistence;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Losses;

/// <summary>What each loss says of itself agrees with its formula.</summary>
public sealed class EveryLossTests
{
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
            return byChosen / byRejected;
        }

        double at = Ratio(0, 0);
        foreach ((double a, double b) in new[] { (2.0, -1), (-1.5, 0.5), (-3, -4), (1, 7) })
            Ratio(a, b).Should().BeApproximately(at, 1e-9 * Math.Abs(at));
    }

    [Theory]
    [MemberData(nameof(EveryLoss.WithReductions), MemberType = typeof(EveryLoss))]
    public void Losses_ExtremeLogProbs_AreFiniteWithFiniteGradients(string name, LogProbReduction reduction)
    {
        foreach ((double a, double b) in new[] { (1e4, -1e4), (-1e4, 1e4), (-1e4, -1e4), (0, 0), (12, 14), (11.999999, 0) })
        {
            (double loss, double byChosen, double byRejected) = LossOracle.Of(EveryLoss.ByName[name], reduction, a, b);

            new[] { loss, byChosen, byRejected }.Should().OnlyContain(value => double.IsFinite(value), "of {0} and {1}", a, b);
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
        PairLogProbs pairs = new(tensor([-2.5, -3.75]), tensor([-2.75, -3.5]), tensor([5f, 8f]));
        PreferenceLosses expected = objective.Of(pairs);
        double chosen = expected.ChosenRewards.item<double>(), rejected = expected.RejectedRewards.item<double>();

        double loss = objective.OfScores(new ScoredPair(-2.5, -3.75, chosen, rejected, chosen - rejected));

        if (!double.IsNaN(loss))
            loss.Should().BeApproximately(expected.Losses.item<double>(), 1e-9);
    }
}
