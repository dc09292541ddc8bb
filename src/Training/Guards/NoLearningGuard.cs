using System.Globalization;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Losses;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Guards;

/// <summary>Notices that the loss stays where it started, as soon as the run so far says that it will until the end.</summary>
/// <remarks>
/// It goes by what the later half of the steps so far did to margin, loss and chosen side, with the noise between the points, and by the share of the run, by
/// learning rates, that they stand for. The rate is too small where even the most that this can grow to by the end (<see cref="MeasuredMovement"/>) is less
/// than what a whole run must reach: a margin of <see cref="LeastMargin"/> and a loss that shows it, or <see cref="LeastNats"/> between the responses,
/// whatever the reduction makes of that; and where the chosen side would hold at the rate that is advised, <see cref="Stride"/> times as high. No guard's
/// advice goes further than that factor: what one advises, the other does not take back.
/// Weights that do move may need to see the pairs again before it shows; of those nothing is said before half of the run, and nothing where the margin can be
/// told from 0.
/// </remarks>
/// <param name="action">What follows.</param>
/// <param name="rollBack">Where it goes back to.</param>
/// <param name="terms">The run's loss; policy and reference are one model before the first step.</param>
/// <param name="learningRate">The learning rate of a step of a run of so many steps.</param>
/// <param name="maxChosenDrop">The most that the chosen side may lose, nats per token: no advice goes beyond.</param>
internal sealed class NoLearningGuard(
    GuardAction action, RollBackPoint? rollBack, PreferenceTerms terms, Func<long, long, double> learningRate, double maxChosenDrop = 1)
    : GuardObserver(TrainingGuard.NoLearning, action, rollBack), IResumableObserver, IDisposable
{
    /// <summary>How far the advice of guards goes: the next try, not the last.</summary>
    internal const double Stride = 5;

    private const double LeastMargin = 0.02; // the chosen side is then preferred with a probability of 0.505
    private const double LeastNats = 0.2; // per response: the odds of chosen against rejected change by a fifth
    private const double LeastShare = 0.1; // of the run, by learning rates
    private const double LateShare = 0.5; // of the steps
    private const double Moving = 0.01; // of the weights' size, over the whole run
    private const int LeastSteps = 10;
    private const string FirstWeights = "weights";
    private readonly string _nothingShown =
        $"Likely cause: {terms.Words.Sides} do not differ in anything that can be learnt, such as labels given at random, or the learning rate " +
            "is still too small. " +
        $"Look at some {terms.Words.Examples}; if they are good, train for more epochs or raise LearningRate: {terms.Words.RatesThatMove}.";
    private readonly string _nothingToLearn =
        $"Every gradient is zero. Likely cause: {terms.Words.NoGradient}. Look at the mask columns and at some {terms.Words.Examples}.";
    private readonly LossStart? _start = terms.Objective.Start();
    private readonly double _leastLossChange = LeastMargin * terms.Objective.StartSlope();
    private WeightSample? _weights;
    private double[] _rates = []; // the sums of the learning rates of the first steps

    /// <inheritdoc />
    public string MemoryName => "no-learning guard";

    public void Started(TrainingState state)
    {
        _weights ??= new WeightSample(state.Parameters);
        _rates = new double[state.TotalSteps + 1];
        for (long step = 1; step <= state.TotalSteps; step++)
            _rates[step] = _rates[step - 1] + learningRate(step, state.TotalSteps);
    }

    public void Measured(TrainingState state, TrainingPoint point)
    {
        if (IsDone(state) || point.Step < LeastSteps || Share(point.Step) < LeastShare)
            return;
        TrainingPoint[] later = [.. state.History.Where(p => p.Step > point.Step / 2)];
        MeasuredMovement Moved(string metric, Func<TrainingPoint, double, double> value) => MeasuredMovement.Of([.. later
            .Where(p => p.Metrics.ContainsKey(metric)) // points on single answers may have none of one kind
            .Select(p => (value(p, p.Metrics[metric]), PointMeans.Examples(p, metric), Share(p.Step)))]);
        if (!later.Any(p => p.Metrics.ContainsKey(MetricNames.Margin)))
            return; // one kind of answers alone has no margin
        MeasuredMovement margin = Moved(MetricNames.Margin, (_, value) => value), chosen = Moved(MetricNames.ChosenReward, (_, value) => terms.PerToken(value));
        double loss = Moved(MetricNames.Loss, (p, value) => value - p.Metrics[MetricNames.AuxiliaryLoss]).Mean;
        (double moved, double unmoved) = _weights!.MovedTo(state.Parameters);
        bool noGradient = later.All(p => p.GradientNorm == 0), moving = moved > Moving * margin.Share;
        bool still = moving && !noGradient
            ? point.Step >= LateShare * state.TotalSteps && !margin.IsSure && IsStill(Math.Abs(margin.Mean), loss, margin.Share)
            : IsStill(margin.Most, loss, margin.Share * margin.Share) && chosen.MostAtTheEnd * Stride < maxChosenDrop;
        if (!still)
            return;
        Raise(state, string.Create(CultureInfo.InvariantCulture,
            $"after {point.Step} of {state.TotalSteps} steps the loss is {loss:F5}{AsAtTheStart()} and the mean margin {margin.Mean:G3}; " +
            $"the weights have moved by {moved:G2} of their size. ") +
            (noGradient ? _nothingToLearn : moving ? _nothingShown : TooSmall(unmoved, state.TotalSteps)));
    }

    /// <summary>Whether margin and loss have changed by less than a part of what a whole run must reach.</summary>
    private bool IsStill(double margin, double loss, double part)
    {
        bool sameLoss = _start is not { } start || double.IsNaN(_leastLossChange) || Math.Abs(loss - start.Value) < _leastLossChange * part;
        return margin < LeastMargin * part && sameLoss && Math.Abs(terms.PerResponse(margin)) < LeastNats * part;
    }

    private string AsAtTheStart() => _start is { } start
        ? string.Create(CultureInfo.InvariantCulture, $", as at the start ({start.Name} = {start.Value:F5}),") : "";

    /// <summary>How much of the whole run's learning rates the first steps have.</summary>
    private double Share(long step) => _rates[^1] > 0 ? _rates[step] / _rates[^1] : (double)step / (_rates.Length - 1);

    /// <inheritdoc />
    public ObserverMemory Save() => new(JsonSerializer.SerializeToElement<object?>(null), new Dictionary<string, Tensor> { [FirstWeights] = _weights!.Values });

    /// <inheritdoc />
    public void Load(ObserverMemory memory)
    {
        _weights?.Dispose();
        _weights = new WeightSample(memory.Tensors[FirstWeights]);
    }

    /// <inheritdoc />
    public void Dispose() => _weights?.Dispose();

    private string TooSmall(double unmoved, long steps)
    {
        if (_rates[^1] == 0)
            return "Likely cause: LearningRate is 0. Set it.";
        string frozen = unmoved > 0.5 ? string.Create(CultureInfo.InvariantCulture,
            $" ({unmoved:P0} of the weights have not moved at all: a step is below their fp32 resolution)") : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"Likely cause: LearningRate {terms.LearningRate:G3} is too small for {steps} steps{frozen}. Raise LearningRate, as a next try to " +
                $"{terms.LearningRate * Stride:0.#E+0}, or train for more epochs; {terms.Words.RatesThatMove}. " +
            $"If that does not help, {terms.Words.Sides} may not differ in anything that can be learnt.");
    }
}
