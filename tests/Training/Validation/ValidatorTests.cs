using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Validation;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Validation;

/// <summary>When evaluations are made, what they hold, and which weights are kept, of losses that are written down.</summary>
public sealed class ValidatorTests : IDisposable
{
    private readonly Parameter _weight = new(tensor(new float[] { 0 }));
    private readonly FlatParameters _parameters;
    private readonly TrainingState _state;
    private Validator? _validator;

    public ValidatorTests()
    {
        _parameters = new FlatParameters([("weight", _weight)]);
        _state = new TrainingState { Network = null!, Task = null!, Optimizer = null!, Parameters = _parameters, TotalSteps = 7, StepsPerEpoch = 4 };
    }

    [Theory]
    [InlineData(0, "0 7")]
    [InlineData(1, "0 1 2 3 4 5 6 7")]
    [InlineData(3, "0 3 6 7")]
    [InlineData(7, "0 7")]
    [InlineData(9, "0 7")]
    public void Run_EverySoManySteps_EvaluatesThenAndAtBothEnds(int every, string steps)
    {
        Run(new ValidationPlan(every, ValidationMetric.Loss, 0, 0, false), [.. Enumerable.Range(0, 8).Select(i => 1 - 0.1 * i)]);

        _state.Evaluations.Select(point => point.Step).Should().Equal(steps.Split(' ').Select(long.Parse));
        _state.Evaluations.Select(point => point.Epoch).Should().Equal(_state.Evaluations.Select(point => point.Step / 4.0));
        _state.Evaluations.Should().OnlyContain(point => point.Examples == 5);
        (_state.StopReason, _state.ReturnedStep).Should().Be((null, null));
    }

    [Fact]
    public void Run_Patience_EndsAndKeepsTheBest()
    {
        Run(new ValidationPlan(1, ValidationMetric.Loss, 2, 0, KeepBest: true), [1, 0.5, 0.6, 0.7, 0.1]);

        _state.Step.Should().Be(3);
        _state.StopReason.Should().StartWith("the last 2 evaluations did not improve");
        _state.Evaluations.Select(point => point.Step).Should().Equal(0, 1, 2, 3);
        (_state.ReturnedStep, _weight.item<float>()).Should().Be((1L, 1f), "the weight is the number of its step");
    }

    [Fact]
    public void Run_PatienceThatEndsAtTheLastStep_IsNoStop()
    {
        _state.TotalSteps = 2;

        Run(new ValidationPlan(1, ValidationMetric.Loss, 2, 0, false), [0.5, 0.6, 0.7]);

        _state.StopReason.Should().BeNull("the run is through");
    }

    [Fact]
    public void Run_BestLater_ReplacesTheFirst()
    {
        _state.TotalSteps = 4;

        Run(new ValidationPlan(1, ValidationMetric.Loss, 0, 0, KeepBest: true), [1, 0.5, 0.4, 0.4, 0.45]);

        (_state.ReturnedStep, _weight.item<float>()).Should().Be((2L, 2f), "of equally good ones the first");
    }

    [Fact]
    public void Run_BestAtTheEnd_ReturnsItAsItIs()
    {
        _state.TotalSteps = 2;

        Run(new ValidationPlan(1, ValidationMetric.Loss, 0, 0, KeepBest: true), [1, 0.5, 0.4]);

        (_state.ReturnedStep, _weight.item<float>()).Should().Be((null, 2f));
    }

    [Fact]
    public void Run_NotToKeepTheBest_ReturnsTheLast()
    {
        _state.TotalSteps = 2;

        Run(new ValidationPlan(1, ValidationMetric.Loss, 0, 0, KeepBest: false), [0.1, 0.5, 0.4]);

        (_state.ReturnedStep, _weight.item<float>()).Should().Be((null, 2f));
    }

    [Fact]
    public void Run_StoppedByAnother_IsMeasuredAtItsEndUnlessCancelled()
    {
        foreach ((string reason, int evaluations) in ((string, int)[])[("a guard's", 2), (TrainingState.Requested, 2), (TrainingState.Cancelled, 1)])
        {
            TrainingState state = new() { Network = null!, Task = null!, Optimizer = null!, Parameters = _parameters, TotalSteps = 7, Step = 3 };
            using Validator validator = new(new Losses([1, 0.5]), new ValidationPlan(1, ValidationMetric.Loss, 0, 0, false), null, default);
            state.Evaluations.Add(new ValidationPoint(0, 0, new Dictionary<string, double> { [MetricNames.Loss] = 1 }, 5, default, default));
            state.StopReason = reason;

            validator.Started(state);
            validator.Stepped(state, null!);
            state.Evaluations.Should().HaveCount(1, "what is left to measure is measured at the end");
            validator.Ending(state);
            validator.Ending(state);

            state.Evaluations.Should().HaveCount(evaluations, reason);
        }
    }

    [Theory]
    [InlineData(3, false, 2)] // it was broken off there
    [InlineData(2, false, 1)] // none is due
    [InlineData(3, true, 2)] // it is there already
    public void Started_ResumedRun_MakesUpForTheEvaluationThatIsMissing(long step, bool isThere, int evaluations)
    {
        using Validator validator = new(new Losses([0.5]), new ValidationPlan(3, ValidationMetric.Loss, 0, 0, false), null, default);
        _state.Step = step;
        _state.Evaluations.Add(Evaluation(0));
        if (isThere)
            _state.Evaluations.Add(Evaluation(step));

        validator.Started(_state);

        _state.Evaluations.Should().HaveCount(evaluations);
    }

    [Fact]
    public void Evaluate_AnswerLengths_AreAmongTheMetrics()
    {
        using Validator validator = new(new Losses([0.5]), new ValidationPlan(3, ValidationMetric.Loss, 0, 0, false), _ => 12.5, default);

        validator.Started(_state);

        _state.Evaluations.Should().ContainSingle().Which.Metrics.Should().Contain(MetricNames.ResponseLength, 12.5).And.Contain(MetricNames.Loss, 0.5);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Evaluate_Cancelled_CountsAsNotBegun(bool byTheMeasurement)
    {
        ValidationPlan plan = new(1, ValidationMetric.Loss, 1, 0, KeepBest: true);
        using Validator validator = new(new Losses(byTheMeasurement ? [] : [0.5, 0.6, 0.7]), plan, byTheMeasurement ? null : _ => null, default);
        _state.Step = 1;

        validator.Started(_state);
        validator.Stepped(_state, null!);
        validator.ReturnBest(_state);

        _state.Evaluations.Should().BeEmpty();
        (_state.StopReason, _state.ReturnedStep).Should().Be((null, null));
    }

    [Fact]
    public void Load_WhatWasSaved_RemembersTheBest()
    {
        _state.TotalSteps = 3;
        Run(new ValidationPlan(1, ValidationMetric.Loss, 0, 0, KeepBest: true), [1, 0.5, 0.6, 0.7], returnBest: false);
        using Validator resumed = new(new Losses([]), new ValidationPlan(1, ValidationMetric.Loss, 0, 0, KeepBest: true), null, default);
        resumed.ReturnBest(_state);
        _state.ReturnedStep.Should().BeNull("it has none");

        using (DisposeScope scope = NewDisposeScope())
            resumed.Load(_validator!.Save());
        resumed.ReturnBest(_state);

        (_state.ReturnedStep, _weight.item<float>()).Should().Be((1L, 1f));
    }

    public void Dispose()
    {
        _validator?.Dispose();
        _parameters.Dispose();
        _weight.Dispose();
    }

    /// <summary>A run whose weight is the number of finished steps.</summary>
    private void Run(ValidationPlan plan, double[] losses, bool returnBest = true)
    {
        _validator = new Validator(new Losses(losses), plan, null, default);
        _validator.Started(_state);
        while (_state.Step < _state.TotalSteps && _state.StopReason is null)
        {
            _state.Step++;
            using (no_grad())
                _weight.fill_(_state.Step);
            _validator.Stepped(_state, null!);
        }
        _validator.Ending(_state);
        if (returnBest)
            _validator.ReturnBest(_state);
    }

    private static ValidationPoint Evaluation(long step) =>
        new(step, 0, new Dictionary<string, double> { [MetricNames.Loss] = 1 }, 5, default, default);

    /// <summary>Gives written-down losses; cancelled where there are none left.</summary>
    private sealed class Losses(double[] losses) : IValidation
    {
        private int _next;

        public int Count => 5;

        public IReadOnlyDictionary<string, double>? Measure(CancellationToken cancellation) =>
            _next < losses.Length ? new Dictionary<string, double> { [MetricNames.Loss] = losses[_next++] } : null;
    }
}
