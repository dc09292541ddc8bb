using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Loop;

namespace MiniMind.MLNet.Dpo.Training.Checkpoints;

/// <summary>Finds the checkpoint that a run goes on from, and refuses one of another run. Every process of the run does it; none writes.</summary>
/// <param name="options">Where checkpoints are, and whether to go on from them.</param>
/// <param name="identity">What this run is.</param>
/// <param name="inform">Told from where the run goes on.</param>
/// <param name="warn">Told of damaged checkpoints and tolerated differences.</param>
internal sealed class Resumption(CheckpointOptions options, RunIdentity identity, Action<string> inform, Action<string> warn)
{
    private readonly CheckpointFolder _folder = new(options.Folder);

    /// <summary>Brings the state to the newest valid checkpoint, where there is one and it is wanted.</summary>
    /// <param name="state">A run before its first step.</param>
    /// <param name="observers">Those of the run.</param>
    /// <param name="totalSteps">Steps of the whole run.</param>
    /// <exception cref="InvalidOperationException">The checkpoint is of another run, with a list of what differs; or there is none and one is required; or
    /// there is one and none is wanted; or the run's processes found different ones.</exception>
    public void Resume(TrainingState state, IEnumerable<ITrainingObserver> observers, long totalSteps)
    {
        ResumeAlone(state, observers, totalSteps);
        // nobody takes a step, or clears the folder, before all have read the same
        long[] lowest = [state.Step], highest = [state.Step];
        state.Communicator.AllReduce(lowest, ReduceOperation.Min);
        state.Communicator.AllReduce(highest, ReduceOperation.Max);
        if (lowest[0] != highest[0])
        {
            throw new InvalidOperationException(
                $"The processes of this run found different checkpoints in '{_folder.Path}', from step {lowest[0]} to step {highest[0]}. All of them must " +
                    "see the same folder: give one on a disk that they share.");
        }
    }

    private void ResumeAlone(TrainingState state, IEnumerable<ITrainingObserver> observers, long totalSteps)
    {
        IReadOnlyList<(long Step, string Path)> found = _folder.Newest;
        if (options.Resume == ResumeMode.Never)
        {
            if (found.Count == 0)
                return;
            throw new InvalidOperationException(
                $"Resume is {ResumeMode.Never}, but '{_folder.Path}' has {found.Count} checkpoints, up to step {found[0].Step}. Set it to {ResumeMode.Auto} " +
                    "to go on from there; to start anew, delete them or give another folder.");
        }
        foreach ((long step, string path) in found)
        {
            if (Valid(path) is not { } content)
                continue;
            IReadOnlyList<string> differences = Compare(path, content, totalSteps);
            new StateRestorer(path, content).Restore(state, observers, warn);
            // a guard's or an early stop's decision holds for the same run; a cancelled, interrupted or changed one goes on
            if (differences.Count == 0 && content.StopReason is not (TrainingState.Cancelled or TrainingState.Requested))
                state.StopReason = content.StopReason;
            inform($"Training goes on from step {step} of {totalSteps}, checkpoint '{path}'.");
            return;
        }
        if (options.Resume == ResumeMode.Required)
        {
            throw new InvalidOperationException(
                $"Resume is {ResumeMode.Required}, but '{_folder.Path}' has no valid checkpoint{(found.Count > 0 ? $": all {found.Count} are damaged" : "")}.");
        }
    }

    private CheckpointContent? Valid(string path)
    {
        try
        {
            return CheckpointReader.Read(path);
        }
        catch (InvalidDataException damage)
        {
            warn($"{damage.Message} The one before it is used, if there is one.");
            return null;
        }
    }

    private IReadOnlyList<string> Compare(string path, CheckpointContent content, long totalSteps)
    {
        IReadOnlyList<string> differences = RunIdentity.Differences(content.Identity.Inputs, identity.Inputs);
        if (differences.Count > 0 && !options.AllowDifferences)
        {
            throw new InvalidOperationException(
                $"The checkpoint '{path}' is of another run, and nothing was trained: {string.Join("; ", differences)}. " +
                $"Give this run a folder of its own, or set {nameof(CheckpointOptions.AllowDifferences)} to go on all the same.");
        }

        if (content.Step > totalSteps)
        {
            throw new InvalidOperationException(
                $"The checkpoint '{path}' is at step {content.Step}, but with these options and data the run has {totalSteps} steps.");
        }

        if (differences.Count > 0)
        {
            warn($"The checkpoint '{path}' is of another run: {string.Join("; ", differences)}. Training goes on from it all the same, as " +
                $"{nameof(CheckpointOptions.AllowDifferences)} says.");
        }

        IReadOnlyList<string> surroundings = RunIdentity.Differences(content.Identity.Surroundings, identity.Surroundings);
        if (surroundings.Count > 0)
        {
            warn($"Since the checkpoint '{path}' this changed: {string.Join("; ", surroundings)}. The result will differ by rounding from that of an " +
                "uninterrupted run.");
        }

        return differences;
    }
}
