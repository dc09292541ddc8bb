using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;

namespace MiniMind.MLNet.Dpo.Training.Loop;

/// <summary>A run between two steps: everything that the next step depends on, and what has been measured.</summary>
internal sealed class TrainingState
{
    /// <summary>The <see cref="StopReason"/> of a run that was cancelled, which goes on when it is resumed.</summary>
    public const string Cancelled = "cancelled";

    /// <summary>The <see cref="StopReason"/> of a run that was asked to end with what it has, and goes on when it is resumed.</summary>
    public const string Requested = "stopped on request";

    /// <summary>The network that is trained.</summary>
    public required MiniMindNetwork Network { get; init; }

    /// <summary>Its parameters in flat buffers.</summary>
    public required FlatParameters Parameters { get; init; }

    /// <summary>What steps the parameters.</summary>
    public required IOptimizer Optimizer { get; init; }

    /// <summary>The loss scale of half-precision runs.</summary>
    public GradientScaler? Scaler { get; init; }

    /// <summary>What is optimised.</summary>
    public required ITrainingTask Task { get; init; }

    /// <summary>Connects the processes that train together. Observers act on every rank alike; rank 0 alone reports and writes.</summary>
    public ICommunicator Communicator { get; init; } = new SingleProcess();

    /// <summary>Steps of the whole run.</summary>
    public long TotalSteps { get; set; }

    /// <summary>Optimizer steps in one pass over the examples.</summary>
    public int StepsPerEpoch { get; set; }

    /// <summary>Finished steps.</summary>
    public long Step { get; set; }

    /// <summary>Time spent before this process took the run over.</summary>
    public TimeSpan EarlierTime { get; set; }

    /// <summary>Time since the run began.</summary>
    public TimeSpan Elapsed { get; set; }

    /// <summary>What was measured so far.</summary>
    public List<TrainingPoint> History { get; } = [];

    /// <summary>What evaluations measured so far.</summary>
    public List<ValidationPoint> Evaluations { get; } = [];

    /// <summary>What guards found so far.</summary>
    public List<TrainingWarning> Warnings { get; } = [];

    /// <summary>The step whose weights the network has at the end; <see langword="null"/> for that of <see cref="Step"/>.</summary>
    public long? ReturnedStep { get; set; }

    /// <summary>What was added up since the last point of the history; the run disposes it.</summary>
    public MetricAccumulator Metrics => field ??= new MetricAccumulator(Task, Communicator);

    /// <summary>Why the run is to end before its last step; <see langword="null"/> while it is not.</summary>
    public string? StopReason { get; set; }
}
