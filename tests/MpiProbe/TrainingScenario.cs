using System.Runtime.InteropServices;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Distributed;

namespace MiniMind.MLNet.Dpo.MpiProbe;

/// <summary>A small DPO run through the public estimator, as one of several ranks or alone.</summary>
public static class TrainingScenario
{
    /// <summary>Pairs per rank and step of the runs under a launcher.</summary>
    public const int BatchSize = 2;

    /// <summary>Pairs to train on.</summary>
    internal const int PairCount = 21;

    /// <summary>Trains; rank 0 writes the weights to a file.</summary>
    /// <param name="communicator">Connects the ranks.</param>
    /// <param name="tokenizerFolder">The tokenizer.</param>
    /// <param name="output">The file.</param>
    /// <param name="spoilt">Whether the last rank meets a pair that cannot be trained on.</param>
    public static void Run(ICommunicator communicator, string tokenizerFolder, string output, bool spoilt)
    {
        Console.WriteLine($"pid {Environment.ProcessId}");
        float[] weights = Train(communicator, tokenizerFolder, BatchSize, spoilt && communicator.Rank == communicator.Size - 1);
        if (communicator.Rank == 0)
            File.WriteAllBytes(output, MemoryMarshal.AsBytes(weights.AsSpan()).ToArray());
    }

    /// <summary>Trains with checkpoints, from the newest in the folder; rank 0 writes the weights to a file.</summary>
    public static void RunKept(ICommunicator communicator, string tokenizerFolder, string output, string checkpoints)
    {
        Console.WriteLine($"pid {Environment.ProcessId}");
        float[] weights = Train(communicator, tokenizerFolder, BatchSize, checkpoints: Kept(checkpoints));
        if (communicator.Rank == 0)
            File.WriteAllBytes(output, MemoryMarshal.AsBytes(weights.AsSpan()).ToArray());
    }

    /// <summary>A checkpoint every other step, in a folder.</summary>
    public static CheckpointOptions Kept(string folder) => new() { Folder = folder, EverySteps = 2 };

    /// <summary>Trains and gives the weights.</summary>
    public static float[] Train(
        ICommunicator? communicator, string tokenizerFolder, int batchSize, bool spoilt = false, IProgress<DpoProgress>? progress = null,
        CheckpointOptions? checkpoints = null, CancellationToken cancellation = default)
    {
        MLContext mlContext = new(seed: 1);
        using PretrainedModel model = Model(tokenizerFolder);
        IDataView pairs = mlContext.Data.LoadFromEnumerable(Pairs(1, PairCount).Select((pair, i) =>
        {
            if (spoilt && i == 7)
                pair.Rejected = pair.Chosen;
            return pair;
        }));
        DpoTrainer trainer = new(mlContext, new DpoTrainer.Options
        {
            Model = model, BatchSize = batchSize, Epochs = 2, LearningRate = 1e-3, Beta = 0.5, Threads = 1, LogInterval = 2,
            UnusablePairs = UnusablePairs.Fail, Communicator = communicator, Progress = progress, Checkpoints = checkpoints, CancellationToken = cancellation,
        });
        using DpoTransformer trained = mlContext.Transforms.PreparePreferencePairs(model).Append(trainer).Fit(pairs).LastTransformer;
        using PretrainedModel policy = trained.AsModel();
        return [.. policy.Network.Network.named_parameters().SelectMany(p => p.parameter.data<float>())];
    }

    /// <summary>A model of small random weights.</summary>
    internal static PretrainedModel Model(string tokenizerFolder) => PretrainedModel.CreateRandom(
        new ModelConfig { VocabularySize = 2048, HiddenSize = 32, LayerCount = 2, HeadCount = 4, KeyValueHeadCount = 2 }, tokenizerFolder, seed: 3);

    /// <summary>Pairs about squares of consecutive numbers; their lengths grow.</summary>
    internal static IEnumerable<PreferencePair> Pairs(int first, int count) =>
        Enumerable.Range(first, count).Select(i => PreferencePair.FromPrompt(
            $"What is {i} times {i}?", $"It is {i * i}.", $"{new string('?', i)} I do not know."));
}
