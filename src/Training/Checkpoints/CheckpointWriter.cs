using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Weights;
using MiniMind.MLNet.Dpo.Weights.Adapters;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Training.Checkpoints;

/// <summary>Writes a run's state into a folder of its own: under another name first, each file flushed to the disk, then renamed.</summary>
/// <param name="folder">Where checkpoints are.</param>
/// <param name="create">Makes a file; tests make ones that fail.</param>
internal sealed class CheckpointWriter(CheckpointFolder folder, Func<string, Stream>? create = null)
{
    private readonly Func<string, Stream> _create = create ?? (path => new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16));

    /// <summary>Writes the checkpoint of the state's step.</summary>
    /// <param name="state">The run between two steps.</param>
    /// <param name="partial">What each process added up since the last measurement, by its rank.</param>
    /// <param name="identity">What the run is.</param>
    /// <param name="observers">Those with a memory.</param>
    /// <exception cref="IOException">It could not be written; what there was of it is gone.</exception>
    public void Write(TrainingState state, IReadOnlyList<PartialMetrics> partial, RunIdentity identity, IEnumerable<IResumableObserver> observers)
    {
        string unfinished = folder.UnfinishedOf(state.Step);
        try
        {
            Directory.CreateDirectory(unfinished);
            WriteFiles(unfinished, state, partial, identity, observers);
            Directory.Move(unfinished, folder.Of(state.Step));
        }
        catch
        {
            if (Directory.Exists(unfinished))
                Directory.Delete(unfinished, recursive: true);
            throw;
        }
    }

    private void WriteFiles(string path, TrainingState state, IReadOnlyList<PartialMetrics> partial, RunIdentity identity,
        IEnumerable<IResumableObserver> observers)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, string> files = [];
        void Add(string name, Action<Stream> write) => files.Add(name, WriteFile(Path.Combine(path, name), write));
        void AddTensors(string name, IEnumerable<KeyValuePair<string, Tensor>> tensors) =>
            Add(name, stream => SafetensorsWriter.Write(stream, [.. tensors], WeightPrecision.Float32));

        if (state.Network.Adapter is { } adapter)
        {
            AddTensors(PeftFolder.TensorsName, PeftFolder.Tensors(adapter)); // byte for byte a saved adapter
            Add(PeftConfig.FileName, stream => PeftConfigWriter.Write(stream, adapter));
        }
        else
        {
            Dictionary<string, Tensor> parameters = state.Network.named_parameters().ToDictionary(p => p.name, Tensor (p) => p.parameter);
            IReadOnlyList<StoredTensor> weights = ModelWriter.Stored(state.Network.Config, parameters, ConfigJsonWriter.DefaultLayout(state.Network.Config));
            Add(CheckpointFiles.Weights, stream => SafetensorsWriter.WriteStored(stream, weights, WeightPrecision.Float32)); // byte for byte a saved model
            if (LayoutFor(state.Network.Config) is { } layout)
                Add(CheckpointFiles.Config, stream => ConfigJsonWriter.Write(stream, state.Network.Config, layout, WeightPrecision.Float32));
        }
        AddTensors(CheckpointFiles.Optimizer, state.Optimizer.State);
        Dictionary<string, ObserverMemory> memories = observers.ToDictionary(observer => observer.MemoryName, observer => observer.Save());
        KeyValuePair<string, Tensor>[] remembered = [.. memories
            .SelectMany(memory => memory.Value.Tensors.Select(t => KeyValuePair.Create($"{memory.Key}/{t.Key}", t.Value)))];
        if (remembered.Length > 0)
            AddTensors(CheckpointFiles.Observers, remembered);

        CheckpointContent content = new()
        {
            Format = CheckpointContent.CurrentFormat, Step = state.Step, TotalSteps = state.TotalSteps, Elapsed = state.Elapsed, StopReason = state.StopReason,
            Optimizer = state.Optimizer.Name, OptimizerSteps = state.Optimizer.StepCount, Scaler = state.Scaler?.State, Identity = identity,
            History = state.History, Evaluations = state.Evaluations, Warnings = state.Warnings, Partial = partial,
            Observers = memories.ToDictionary(memory => memory.Key, memory => memory.Value.Values), Files = files,
        };
        string hash = WriteFile(Path.Combine(path, CheckpointFiles.State), stream => JsonSerializer.Serialize(stream, content, CheckpointContent.Json));
        WriteFile(Path.Combine(path, CheckpointFiles.StateHash), stream => stream.Write(Encoding.ASCII.GetBytes(CheckpointFiles.HashLine(hash))));
    }

    // The hash is of what was given to be written, so that a file that swallowed some of it is noticed when it is read.
    private string WriteFile(string path, Action<Stream> write)
    {
        using SHA256 hash = SHA256.Create();
        using Stream file = _create(path);
        using (CryptoStream hashed = new(file, hash, CryptoStreamMode.Write, leaveOpen: true))
            write(hashed);
        if (file is FileStream onDisk)
            onDisk.Flush(flushToDisk: true);
        return Convert.ToHexStringLower(hash.Hash!);
    }

    private static ModelLayout? LayoutFor(ModelConfig config) =>
        new ModelLayout?[] { ModelLayout.MiniMind, ModelLayout.HuggingFace }.FirstOrDefault(layout => ConfigJsonWriter.Obstacle(config, layout!.Value) is null);
}
