using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Guards;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Guards;

/// <summary>When copies are taken, what goes back, and what a guard makes of that.</summary>
public sealed class RollBackPointTests : IDisposable
{
    private const int EverySteps = 3, TotalSteps = 20;

    private readonly Parameter _weight = new(tensor(new float[] { 1, 2 }));
    private readonly FlatParameters _parameters;
    private readonly Sgd _optimizer;
    private readonly TrainingState _state;
    private readonly RollBackPoint _point = new(EverySteps);

    public RollBackPointTests()
    {
        _parameters = new FlatParameters([("weight", _weight)]);
        _optimizer = new Sgd(_parameters, new SgdOptions { Momentum = 0.5 });
        _state = new TrainingState
        {
            Network = null!, Task = null!, Parameters = _parameters, Optimizer = _optimizer, TotalSteps = TotalSteps,
            Scaler = new GradientScaler(new GradientScalerOptions()),
        };
    }

    [Fact]
    public void Measured_SoManySteps_TakesACopyThen()
    {
        _point.Started(_state);
        long[] copies = [.. Enumerable.Range(1, 8).Select(_ => Train())];

        copies.Should().Equal(0, 0, 3, 3, 3, 6, 6, 6);
    }

    [Fact]
    public void Measured_AfterAStop_TakesNone()
    {
        _point.Started(_state);
        _state.StopReason = "a guard's";

        for (int i = 0; i < 4; i++)
            Train();

        _point.Step.Should().Be(0);
    }

    [Fact]
    public void Started_WithACopy_KeepsIt()
    {
        _point.Started(_state);
        Train();

        _point.Started(_state);

        _point.Step.Should().Be(0, "a run that is resumed brings its copy along");
    }

    [Fact]
    public void Restore_Later_PutsEverythingBack()
    {
        _point.Started(_state);
        for (int i = 0; i < 3; i++)
            Train();
        (float[] weights, float[] momentum, long steps, GradientScalerState scaler) = (Weights(), Momentum(), _optimizer.StepCount, _state.Scaler!.State);
        Train();
        Train();
        _state.Scaler.Update(overflowed: true);
        _parameters.Gradients.fill_(7);
        Weights().Should().NotEqual(weights);
        Momentum().Should().NotEqual(momentum);

        _point.Restore(_state);

        (_state.Step, _optimizer.StepCount).Should().Be((3L, steps));
        Weights().Should().Equal(weights);
        Momentum().Should().Equal(momentum);
        _state.Scaler.State.Should().Be(scaler);
        _parameters.GradientNorm().Should().Be(0);
    }

    [Fact]
    public void Restore_WithoutACopy_ChangesNothing()
    {
        Train();
        float[] weights = Weights();

        _point.Restore(_state);

        Weights().Should().Equal(weights);
        _state.Step.Should().Be(1);
    }

    [Fact]
    public void Load_WhatWasSaved_IsTheSameCopy()
    {
        _point.Started(_state);
        for (int i = 0; i < 3; i++)
            Train();
        float[] weights = Weights();
        using RollBackPoint resumed = new(EverySteps);
        using (DisposeScope scope = NewDisposeScope())
        {
            resumed.Load(_point.Save());
            resumed.Load(_point.Save());
        }
        Train();

        resumed.Restore(_state);

        (resumed.Step, _state.Step, _optimizer.StepCount).Should().Be((3L, 3L, 3L));
        Weights().Should().Equal(weights);
    }

    [Theory]
    [InlineData(GuardAction.Warn, 5, 5, null)]
    [InlineData(GuardAction.Stop, 5, 5, "MarginExplosion guard: *")]
    [InlineData(GuardAction.RollBack, 5, 3, "MarginExplosion guard, back to the weights of step 3: *")]
    [InlineData(GuardAction.Stop, TotalSteps, TotalSteps, null)] // it ends there anyway
    [InlineData(GuardAction.RollBack, TotalSteps, 18, "MarginExplosion guard, back to the weights of step 18: *")]
    public void Raise_Finding_IsFollowedByTheAction(GuardAction action, int at, int ends, string? reason)
    {
        PreferenceTerms terms = new(new PreferenceObjective(PreferenceLoss.Sigmoid(), 0.1, LogProbReduction.Sum), 10, true, 0.1);
        ITrainingObserver guard = new MarginExplosionGuard(action, _point, terms, maxMargin: 1);
        _point.Started(_state);
        for (int i = 1; i < at; i++)
            Train();
        _state.Step++;

        guard.Measured(_state, Point(margin: 2));

        _state.Warnings.Should().ContainSingle().Which.Should().Match<TrainingWarning>(warning => warning.Step == at && warning.Action == action);
        _state.Step.Should().Be(ends);
        if (reason is null)
            _state.StopReason.Should().BeNull();
        else
            _state.StopReason.Should().Match(reason).And.EndWith(_state.Warnings[0].Message);
    }

    [Fact]
    public void Raise_AfterAnotherReason_LeavesThat()
    {
        PreferenceTerms terms = new(new PreferenceObjective(PreferenceLoss.Sigmoid(), 0.1, LogProbReduction.Sum), 10, true, 0.1);
        _state.StopReason = "the first";

        ((ITrainingObserver)new MarginExplosionGuard(GuardAction.Stop, null, terms, maxMargin: 1)).Measured(_state, Point(margin: 2));

        _state.StopReason.Should().Be("the first");
    }

    public void Dispose()
    {
        _point.Dispose();
        _optimizer.Dispose();
        _parameters.Dispose();
        _weight.Dispose();
    }

    /// <summary>A step and its measurement; gives the step of the copy.</summary>
    private long Train()
    {
        _parameters.Gradients.fill_(0.25);
        _optimizer.Step(0.1, zeroGradients: true);
        _state.Step++;
        _point.Measured(_state, Point(margin: 0));
        return _point.Step;
    }

    private TrainingPoint Point(double margin) =>
        new(_state.Step, 0, 0.1, 1, new Dictionary<string, double> { [MetricNames.Margin] = margin }, 1, 1, 1, 0, TimeSpan.Zero);

    private float[] Weights() => _weight.data<float>().ToArray();

    private float[] Momentum() => _optimizer.State.Values.Single().data<float>().ToArray();
}
