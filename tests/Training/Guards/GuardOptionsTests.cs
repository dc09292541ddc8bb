namespace MiniMind.MLNet.Dpo.Tests.Training.Guards;

/// <summary>Which limits guards can have, up to their borders, and which guards there are to switch off.</summary>
public sealed class GuardOptionsTests
{
    public static TheoryData<string, GuardOptions> Invalid => new()
    {
        { "MaxChosenDrop is 0; it must be above 0", new() { MaxChosenDrop = 0 } },
        { "MaxChosenDrop is NaN; *", new() { MaxChosenDrop = double.NaN } },
        { "MaxMargin is 0; it must be above 0", new() { MaxMargin = 0 } },
        { "MaxMargin is NaN; *", new() { MaxMargin = double.NaN } },
        { "MaxLengthRatio is 1; it must be above 1", new() { MaxLengthRatio = 1 } },
        { "MaxLengthRatio is NaN; *", new() { MaxLengthRatio = double.NaN } },
        { "MaxReferenceAccuracy is 0; it must be above 0 and at most 1", new() { MaxReferenceAccuracy = 0 } },
        { "MaxReferenceAccuracy is 1.01; *", new() { MaxReferenceAccuracy = 1.01 } },
        { "MaxReferenceAccuracy is NaN; *", new() { MaxReferenceAccuracy = double.NaN } },
        { "RollBackSteps is 0; it must be at least 1", new() { RollBackSteps = 0 } },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Faults_LimitThatCannotBe_IsNamedAlone(string fault, GuardOptions options) =>
        options.Faults().Should().ContainSingle().Which.Should().Match(fault);

    [Fact]
    public void Faults_SeveralLimits_AreAllNamed() =>
        new GuardOptions { MaxChosenDrop = -1, MaxMargin = -1, MaxLengthRatio = 0, MaxReferenceAccuracy = 2, RollBackSteps = -1 }.Faults()
            .Should().HaveCount(5);

    [Fact]
    public void Faults_LimitsAtTheirBorders_AreNone()
    {
        GuardOptions narrowest = new()
        {
            MaxChosenDrop = double.Epsilon, MaxMargin = double.Epsilon, MaxLengthRatio = Math.BitIncrement(1.0), MaxReferenceAccuracy = 1, RollBackSteps = 1,
        };

        narrowest.Faults().Should().BeEmpty();
        new GuardOptions().Faults().Should().BeEmpty();
    }

    [Fact]
    public void None_SwitchesEveryGuardOff() =>
        Enum.GetValues<TrainingGuard>().Select(guard => (guard, typeof(GuardOptions).GetProperty(guard.ToString())!.GetValue(GuardOptions.None)))
            .Should().OnlyContain(pair => pair.Item2!.Equals(GuardAction.Off));

    [Theory]
    [InlineData(TrainingGuard.NoLearning)]
    [InlineData(TrainingGuard.ChosenCollapse)]
    [InlineData(TrainingGuard.MarginExplosion)]
    [InlineData(TrainingGuard.NonFinite)]
    [InlineData(TrainingGuard.LengthDrift)]
    public void RollsBack_OneOfTheGuardsThatCan_IsSaid(TrainingGuard guard)
    {
        GuardAction Of(TrainingGuard other) => other == guard ? GuardAction.RollBack : GuardAction.Stop;
        GuardOptions options = new()
        {
            NoLearning = Of(TrainingGuard.NoLearning), ChosenCollapse = Of(TrainingGuard.ChosenCollapse), MarginExplosion = Of(TrainingGuard.MarginExplosion),
            NonFinite = Of(TrainingGuard.NonFinite), LengthDrift = Of(TrainingGuard.LengthDrift),
        };

        options.RollsBack.Should().BeTrue();
        new GuardOptions { EasyPairs = GuardAction.RollBack, OneSidedFeedback = GuardAction.RollBack, StuckBaseline = GuardAction.RollBack }.RollsBack
            .Should().BeFalse("these look before the first step, or have nowhere to go back to");
    }
}
