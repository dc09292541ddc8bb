using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Training.Optimization;

namespace MiniMind.MLNet.Dpo;

/// <summary>How the learning rate goes from the first step to the last.</summary>
public sealed class ScheduleOptions
{
    private ScheduleOptions(string name, LearningRateSchedule schedule, params IEnumerable<KeyValuePair<string, object>> parameters) =>
        (Name, Schedule, Parameters) = (name, schedule, new Dictionary<string, object>(parameters));

    /// <summary>MiniMind's cosine from the peak down to a tenth of it, lr * (0.1 + 0.45 * (1 + cos(pi * t / T))).</summary>
    public static ScheduleOptions MiniMindCosine { get; } = new(nameof(MiniMindCosine), new MiniMindCosineSchedule());

    /// <summary>The name of the method or property that made it, such as <c>Cosine</c>.</summary>
    public string Name { get; }

    /// <summary>What that method was given, by the names of its parameters: steps (<see langword="int"/>) and shares (<see langword="double"/>). The
    /// same method makes the same schedule of them.</summary>
    public IReadOnlyDictionary<string, object> Parameters { get; }

    /// <summary>Name and numbers, as run records show them.</summary>
    public string Description => InvariantText.Of(Schedule);

    internal LearningRateSchedule Schedule { get; }

    /// <summary>A linear rise, then half a cosine wave down.</summary>
    /// <param name="warmupSteps">Optimizer steps of the rise; fewer than the run has.</param>
    /// <param name="floor">The share of the peak at which it ends.</param>
    public static ScheduleOptions Cosine(int warmupSteps = 0, double floor = 0) => new(
        nameof(Cosine), new CosineSchedule { WarmupSteps = warmupSteps, Floor = floor },
        [new(nameof(warmupSteps), warmupSteps), new(nameof(floor), floor)]);

    /// <summary>A linear rise, then a straight line down.</summary>
    /// <param name="warmupSteps">Optimizer steps of the rise; fewer than the run has.</param>
    /// <param name="floor">The share of the peak at which it ends.</param>
    public static ScheduleOptions Linear(int warmupSteps = 0, double floor = 0) => new(
        nameof(Linear), new LinearSchedule { WarmupSteps = warmupSteps, Floor = floor },
        [new(nameof(warmupSteps), warmupSteps), new(nameof(floor), floor)]);

    /// <summary>A linear rise, then the peak to the end.</summary>
    /// <param name="warmupSteps">Optimizer steps of the rise; fewer than the run has.</param>
    public static ScheduleOptions Constant(int warmupSteps = 0) =>
        new(nameof(Constant), new ConstantSchedule { WarmupSteps = warmupSteps }, new KeyValuePair<string, object>(nameof(warmupSteps), warmupSteps));
}
