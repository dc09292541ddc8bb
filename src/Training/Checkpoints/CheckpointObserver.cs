using System.Text.Json;
using MiniMind.MLNet.Dpo.Training.Loop;

namespace MiniMind.MLNet.Dpo.Training.Checkpoints;

/// <summary>Keeps checkpoints of a run: every so many steps, and where it ends.</summary>
/// <remarks>
/// It comes behind the observers whose work on a step a checkpoint should have. Of several processes each has one; they save at the same steps, and rank 0
/// writes.
/// See <see cref="CheckpointOptions"/> for what is kept.
/// </remarks>
/// <param name="options">Where and how often.</param>
/// <param name="identity">What this run is.</param>
/// <param name="observers">The run's others, whose memories are kept.</param>
/// <param name="warn">Told when a checkpoint could not be written.</param>
/// <param name="create">Makes a file; tests make ones that fail.</param>
internal sealed class CheckpointObserver(
    CheckpointOptions options, RunIdentity identity, IReadOnlyList<ITrainingObserver> observers, Action<string> warn, Func<string, Stream>? create = null)
        : ITrainingObserver, IDisposable
{
    private readonly CheckpointFolder _folder = new(options.Folder);
    private IDisposable? _lock;
    private long _saved;

    /// <summary>Takes the folder for this run.</summary>
    /// <exception cref="IOException">Another run writes there, or nobody can.</exception>
    public void Started(TrainingState state)
    {
        _saved = state.Step;
        if (state.Communicator.Rank != 0)
            return;
        _lock = _folder.Lock();
        _folder.Clean(state.Step);
    }

    public void Stepped(TrainingState state, StepResult step)
    {
        if (state.Step % options.EverySteps == 0 && state.Step > _saved)
            Save(state);
    }

    public void Ending(TrainingState state)
    {
        if (state.Step > _saved)
            Save(state); // a guard that went back behind the newest checkpoint will do so again from there
    }

    /// <summary>Lets others write into the folder.</summary>
    public void Dispose() => _lock?.Dispose();

    private void Save(TrainingState state)
    {
        _saved = state.Step; // also where writing fails: every rank must come to the same steps
        byte[][] partial = state.Communicator.AllGather(JsonSerializer.SerializeToUtf8Bytes(state.Metrics.Save(), CheckpointContent.Json));
        if (state.Communicator.Rank != 0)
            return;
        state.Communicator.Activity.Report($"the checkpoint of step {state.Step}");
        try
        {
            new CheckpointWriter(_folder, create).Write(
                state, [.. partial.Select(rank => JsonSerializer.Deserialize<PartialMetrics>(rank, CheckpointContent.Json)!)], identity,
                    observers.OfType<IResumableObserver>());
            _folder.Prune(options.Keep);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            string last = _folder.Newest is [(long step, _), ..] ? $"the last good checkpoint is that of step {step}" : "there is no checkpoint yet";
            warn($"The checkpoint of step {state.Step} could not be kept in '{_folder.Path}': {failure.Message} Training goes on; {last}.");
        }
    }
}
