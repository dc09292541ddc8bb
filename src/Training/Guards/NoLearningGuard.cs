using System.Globalization;
using System.Text.Json;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Training.Checkpoints;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Losses;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Guards;

/// <summary>Notices that the loss stays where it started, as soon as the run so far says that it will until the end.</summary>
/// <remarks>
/// Where steps are too small to change anything, the margin grows with the sum of the learning rates. So what the later half of the steps so far shows
/// is held against the share, by learning rates, that is due by then of what a whole run must reach at the least: a margin of <see cref="LeastMargin"/> and a
/// loss
/// that shows it, or the odds of chosen against rejected changed by a factor of e, whatever the reduction makes of that.
/// Weights that do move may need to see the pairs again before it shows; of those nothing is said before half of the run.
/// </remarks>
/// <param name="action">What follows.</param>
/// <param name="rollBack">Where it goes back to.</param>
/// <param name="terms">The run's loss; policy and reference are one model before the first step.</param>
/// <param name="learningRate">The learning rate of a step of a run of so many steps.</param>
internal sealed class NoLearningGuard(GuardAction action, RollBackPoint? rollBack, PreferenceTerms terms, Func<long, long, double> learningRate)
    : GuardObserver(TrainingGuard.NoLearning, action, rollBack), IResumableObserver, IDisposable
{
    private const double LeastMargin = 0.02; // the chosen side is then preferred with a probability of 0.505
    private const double LeastNats = 1; // per response
    private const double LeastShare = 0.1; // of the run, by learning rates
    private const double LateShare = 0.5; // of the steps
    private const double Moving = 0.01; // of the weights' size, over the whole run
    private const int LeastSteps = 10;
    private const double UsefulMargin = 0.2, MostRaise = 1000; // for the advice
    private const string FirstWeights = "weights";
    private const string NothingShown =
        "Likely cause: chosen and rejected responses do not differ in anything that can be learnt, such as labels given at random, or the learning rate " +
            "is still too small. " +
        "Look at some pairs; if they are good, raise LearningRate or train for more epochs.";
    private const string NothingToLearn =
        "Every gradient is zero. Likely cause: the loss masks are empty, or both sides of the pairs are the same. Look at the mask columns and at some pairs.";
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
        double pairs = later.Sum(p => (double)p.Examples);
        double Average(string metric) => later.Sum(p => p.Metrics[metric] * p.Examples) / pairs;
        double margin = Average(MetricNames.Margin), loss = Average(MetricNames.Loss) - Average(MetricNames.AuxiliaryLoss);
        double share = later.Sum(p => Share(p.Step) * p.Examples) / pairs;
        bool sameLoss = _start is not { } start || double.IsNaN(_leastLossChange) || Math.Abs(loss - start.Value) < _leastLossChange * share;
        bool still = Math.Abs(margin) < LeastMargin * share && sameLoss && Math.Abs(terms.PerResponse(margin)) < LeastNats * share;
        if (!still)
            return;
        (double moved, double unmoved) = _weights!.MovedTo(state.Parameters);
        bool noGradient = later.All(p => p.GradientNorm == 0), moving = moved > Moving * share;
        if (moving && !noGradient && point.Step < LateShare * state.TotalSteps)
            return;
        Raise(state, string.Create(CultureInfo.InvariantCulture,
            $"after {point.Step} of {state.TotalSteps} steps the loss is {loss:F5}{AsAtTheStart()} and the mean margin {margin:G3}; " +
            $"the weights have moved by {moved:G2} of their size. ") +
            (noGradient ? NothingToLearn : moving ? NothingShown : TooSmall(margin / share, unmoved, state.TotalSteps)));
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

    private string TooSmall(double projectedMargin, double unmoved, long steps)
    {
        if (_rates[^1] == 0)
            return "Likely cause: LearningRate is 0. Set it.";
        double raise = Math.Clamp(UsefulMargin / Math.Max(Math.Abs(projectedMargin), double.Epsilon), 2, MostRaise);
        string frozen = unmoved > 0.5 ? string.Create(CultureInfo.InvariantCulture,
            $" ({unmoved:P0} of the weights have not moved at all: a step is below their fp32 resolution)") : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"Likely cause: LearningRate {terms.LearningRate:G3} is too small for {steps} steps{frozen}. Raise LearningRate, for example to " +
                $"{terms.LearningRate * raise:E0}, or train for more epochs; " +
            $"if that does not help, chosen and rejected responses may not differ in anything that can be learnt.");
    }
}
