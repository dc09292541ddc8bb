namespace MiniMind.MLNet.Dpo;

/// <summary>Where a training run keeps itself while it goes on, so that it can be taken up again.</summary>
/// <remarks>
/// A checkpoint is a folder named <c>step-00000120</c>: <c>model.safetensors</c> and <c>config.json</c> (the weights in fp32, which
/// <see cref="PretrainedModel.LoadCheckpoint(string, Modeling.ModelConfig?, string)"/> and other tools read), <c>optimizer.safetensors</c> (the optimizer's
/// moments), <c>observers.safetensors</c> (what evaluations and guards remember, such as the best weights, and a reference that follows the policy; only where
/// there is any), <c>state.json</c> and <c>state.sha256</c>. The state has the step, the time spent, the gradient scaler, the history with evaluations,
/// warnings and what was added up since its last point, all options, hashes of data, model and reference, versions, and the hashes of the other files. Where an
/// adapter is trained (<see cref="TrainingOptions.Adapter"/>), it has <c>adapter_model.safetensors</c> and <c>adapter_config.json</c>, which
/// <see cref="LoraAdapter.Load"/> and PEFT read, in place of the model's weights and configuration. The learning rate, the place in the data and dropout are
/// functions of options and step, so nothing else needs to be kept of them.
/// <para>
/// It is written under another name, flushed to the disk and then renamed: a run that is killed leaves a whole checkpoint or none. Older ones go only
/// when a newer one is whole. One that cannot be written is a warning, and the run goes on. One that was damaged afterwards is passed over with a warning for
/// the one before.
/// </para>
/// <para>
/// A resumed run ends with the weights, to the byte, and the history of one that was never interrupted, on the same machine and CPU with the same number of
/// threads. These options may differ when it is resumed: Checkpoints, CancellationToken, Progress, Forecast, Logger, LogInterval, RunDirectory, KeepReference,
/// UnusablePairs, ScoringBatchSize, ReferenceCacheFolder, Communicator (not the number of processes) and column names; so may, with a warning, Threads, Device
/// and versions, which change results by rounding. Anything else is refused with a list, unless <see cref="AllowDifferences"/> is set.
/// </para>
/// <para>Where several processes train together rank 0 writes and all read: the folder must be on a disk that they share.</para>
/// </remarks>
public sealed class CheckpointOptions
{
    /// <summary>The folder for this run's checkpoints, and no other run's; made if it is not there.</summary>
    public required string Folder { get; init; }

    /// <summary>
    /// Optimizer steps between checkpoints; 100 as MiniMind's <c>save_interval</c>. There is always one at the end of the run and where it is cancelled.
    /// </summary>
    public int EverySteps { get; init; } = 100;

    /// <summary>How many checkpoints are kept. With fp32 weights and AdamW each takes 12 bytes per parameter.</summary>
    public int Keep { get; init; } = 2;

    /// <summary>Whether training goes on from a checkpoint in the folder.</summary>
    public ResumeMode Resume { get; init; } = ResumeMode.Auto;

    /// <summary>Whether training goes on from a checkpoint of other data, another reference or other options, with a warning instead of an error.</summary>
    public bool AllowDifferences { get; init; }

    /// <summary>What is wrong with the options.</summary>
    internal IEnumerable<string> Faults()
    {
        if (string.IsNullOrWhiteSpace(Folder))
            yield return $"{nameof(Folder)} of the checkpoints is empty";
        if (EverySteps < 1)
            yield return $"{nameof(EverySteps)} of the checkpoints is {EverySteps}; it must be at least 1";
        if (Keep < 1)
            yield return $"{nameof(Keep)} of the checkpoints is {Keep}; it must be at least 1";
        if (!Enum.IsDefined(Resume))
            yield return $"{nameof(Resume)} of the checkpoints is {(int)Resume}; it can be {string.Join(", ", Enum.GetNames<ResumeMode>())}";
        if (AllowDifferences && Resume == ResumeMode.Never)
            yield return $"{nameof(AllowDifferences)} says how to resume, but {nameof(Resume)} is {ResumeMode.Never}";
    }
}
