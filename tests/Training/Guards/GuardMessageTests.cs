using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Guards;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Losses;

namespace MiniMind.MLNet.Dpo.Tests.Training.Guards;

/// <summary>The limits and the numbers of what guards say, of measurements that are written down.</summary>
public sealed class GuardMessageTests
{
    private static readonly PreferenceTerms s_sum = Terms(LogProbReduction.Sum), s_mean = Terms(LogProbReduction.Mean);

    [Theory]
    [InlineData(10, false)]
    [InlineData(-11, false)]
    [InlineData(double.NaN, false)]
    [InlineData(12.5, true)]
    public void MarginExplosion_AboveItsLimit_SaysMarginAndHeldOutPairs(double margin, bool speaks)
    {
        ValidationPoint evaluation = Evaluation(3, (MetricNames.Margin, 0.25), (MetricNames.Loss, 0.875));

        string? without = Measured(new MarginExplosionGuard(GuardAction.Warn, null, s_sum, maxMargin: 10), (MetricNames.Margin, [margin]));
        string? with = Measured(new MarginExplosionGuard(GuardAction.Warn, null, s_sum, maxMargin: 10), [Evaluation(0, (MetricNames.Margin, 0),
            (MetricNames.Loss, 0.7)), evaluation], 1, (MetricNames.Margin, [margin]));

        string Expected(string heldOut) => $"the mean reward margin is 12.5 (limit 10), where the loss is saturated: the run overfits. {heldOut}. Likely " +
            "cause: LearningRate 0.02 is too high or there are too many epochs for so few pairs. Train for fewer epochs, lower LearningRate, or stop early " +
            "with Validation.Patience.";
        without.Should().Be(speaks ? Expected("No validation data says whether held-out pairs follow; set Validation") : null);
        with.Should().Be(speaks ? Expected("On held-out pairs it is 0.25, with a loss of 0.875") : null);
    }

    [Theory]
    [InlineData(10, 20, null)] // just the ratio
    [InlineData(20, 10, null)]
    [InlineData(3, 10.5, null)] // less than eight tokens
    [InlineData(3, 11, "greedy answers to validation prompts have 11.0 tokens on average, 3.0 at the start (limit: 2 times). Likely cause: chosen responses " +
        "are longer than rejected ones, so that length is what the policy learns; sums of log-probabilities favour this. Use Reduction = Mean, or balance " +
        "the lengths of the pairs.")]
    [InlineData(24, 11.75, "greedy answers to validation prompts have 11.8 tokens on average, 24.0 at the start (limit: 2 times). Likely cause: the policy " +
        "ends answers early, which raises the mean log-probability per token, or it breaks down. Use Reduction = Sum, lower LearningRate, or look at some " +
        "answers.")]
    public void LengthDrift_BothWays_SaysLengthsAndCause(double start, double now, string? expected)
    {
        TrainingState state = State();
        ITrainingObserver guard = new LengthDriftGuard(GuardAction.Warn, null, maxRatio: 2);
        foreach (double length in (double[])[start, (start + now) / 2, now])
        {
            state.Evaluations.Add(Evaluation(state.Evaluations.Count, (MetricNames.ResponseLength, length)));
            if (state.Evaluations.Count != 2)
                guard.Evaluated(state, state.Evaluations[^1]);
        }

        state.Warnings.SingleOrDefault()?.Message.Should().Be(expected);
        state.Warnings.Should().HaveCount(expected is null ? 0 : 1);
    }

    [Theory]
    [InlineData(19, 20, null)] // just the share
    [InlineData(19, 19, null)] // too few to say
    [InlineData(19.5, 20, "19.5 of 20 pairs (97.5 %, limit 95.0 %)")]
    [InlineData(40, 41, "40 of 41 pairs (97.6 %, limit 95.0 %)")]
    public void EasyPairs_MoreThanItsShare_SaysHowMany(double right, int count, string? numbers)
    {
        TrainingState state = State();

        ((ITrainingObserver)new EasyPairsGuard(GuardAction.Warn, 0.95, () => (right, count))).Started(state);

        state.Warnings.SingleOrDefault()?.Message.Should().Be(numbers is null ? null : "before training the reference already gives the chosen side the " +
            $"higher log-probability in {numbers}. Likely cause: the rejected responses are too poor or of another kind (cut short, other language, other " +
            "length), so there is little to learn from the pairs. Use rejected responses that the model itself could write, or leave out the pairs that " +
                "it gets right.");
        state.Warnings.Should().HaveCount(numbers is null ? 0 : 1);
    }

    [Fact]
    public void EasyPairs_ResumedRun_DoesNotCount()
    {
        TrainingState state = State();
        state.Step = 1;

        ((ITrainingObserver)new EasyPairsGuard(GuardAction.Warn, 0.95, () => throw new InvalidOperationException("not before step 1"))).Started(state);

        state.Warnings.Should().BeEmpty();
    }

    [Fact]
    public void Guard_Speaks_OnceAndWithItsStep()
    {
        TrainingState state = State();
        ITrainingObserver guard = new MarginExplosionGuard(GuardAction.Stop, null, s_sum, maxMargin: 1);
        foreach (double margin in (double[])[0.5, 2, 3])
        {
            TrainingPoint point = Point(++state.Step, (MetricNames.Margin, margin));
            state.History.Add(point);
            guard.Measured(state, point);
        }

        TrainingWarning warning = state.Warnings.Should().ContainSingle().Subject;
        (warning.Step, warning.Guard, warning.Action).Should().Be((2, TrainingGuard.MarginExplosion, GuardAction.Stop));
        state.StopReason.Should().Be($"MarginExplosion guard: {warning.Message}");
    }

    private static PreferenceTerms Terms(LogProbReduction reduction) =>
        new(new PreferenceObjective(PreferenceLoss.Sigmoid(), 0.125, reduction), 12, true, 0.02);

    private static string? Measured(ITrainingObserver guard, params (string Name, double[] Values)[] metrics) =>
        Measured(guard, metrics[0].Values.Length, metrics);

    private static string? Measured(ITrainingObserver guard, int last, params (string Name, double[] Values)[] metrics) => Measured(guard, [], last, metrics);

    /// <summary>What the guard says at the last of some measurements.</summary>
    private static string? Measured(
        ITrainingObserver guard, IReadOnlyList<ValidationPoint> evaluations, int last, params (string Name, double[] Values)[] metrics)
    {
        TrainingState state = State();
        state.Evaluations.AddRange(evaluations);
        for (int i = 0; i < metrics[0].Values.Length; i++)
            state.History.Add(Point(i + 1, [.. metrics.Select(metric => (metric.Name, metric.Values[i]))]));
        state.Step = last;
        guard.Measured(state, state.History[last - 1]);
        return state.Warnings.SingleOrDefault()?.Message;
    }

    private static TrainingState State() => new()
    {
        Network = null!, Parameters = null!, Optimizer = null!, Task = null!, TotalSteps = 40 // not asked for
    };

    private static TrainingPoint Point(long step, params (string Name, double Value)[] metrics) =>
        new(step, 0, 0.02, 1, metrics.ToDictionary(metric => metric.Name, metric => metric.Value), 8, 100, 100, 0, TimeSpan.FromSeconds(step));

    private static ValidationPoint Evaluation(long step, params (string Name, double Value)[] metrics) =>
        new(step, 0, metrics.ToDictionary(metric => metric.Name, metric => metric.Value), 8, default, default);
}
