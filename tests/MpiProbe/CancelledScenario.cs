using Microsoft.ML;
using MiniMind.MLNet.Dpo.Training.Distributed;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.MpiProbe;

/// <summary>The last rank alone is cancelled before the first step; every rank says how its run ended.</summary>
public static class CancelledScenario
{
    /// <summary>What a run is about when it is cancelled.</summary>
    public static readonly IReadOnlyList<string> Places = ["data", "reference", "validation"];

    private const int HeldOut = 25;

    /// <summary>One run for each place, one after the other: a communicator is as good as before.</summary>
    internal static void Run(ICommunicator communicator, string tokenizerFolder)
    {
        Console.WriteLine($"pid {Environment.ProcessId}");
        foreach (string place in Places)
            Console.WriteLine($"rank {communicator.Rank}, {place}: {Train(communicator, tokenizerFolder, place)}");
    }

    /// <summary>Trains until it is cancelled, and gives the message.</summary>
    public static string Train(ICommunicator communicator, string tokenizerFolder, string place)
    {
        using CancellationTokenSource source = new();
        bool cancels = communicator.Rank == communicator.Size - 1;
        void CancelAt(string here, long at, long now)
        {
            if (cancels && here == place && at == now)
                source.Cancel();
        }
        MLContext mlContext = new(seed: 1);
        using PretrainedModel model = TrainingScenario.Model(tokenizerFolder);
        int passes = 0;
        ((nn.Module<Tensor, Tensor>)model.Network.Network.named_modules()
            .Single(m => m.name == "model.embed_tokens").module).register_forward_pre_hook((_, ids) =>
        {
            // on the CPU the model is the reference: of two ranks the last has 5 batches of training pairs, and then those of the validation pairs
            passes++;
            CancelAt("reference", 2, passes);
            CancelAt("validation", 7, passes);
            return ids;
        });
        IEnumerable<PreferencePair> Pairs(int first, int count) => TrainingScenario.Pairs(first, count).Select((pair, i) =>
        {
            CancelAt("data", 9, i);
            return pair;
        });
        IEstimator<ITransformer> preparation = mlContext.Transforms.PreparePreferencePairs(model);
        IDataView Prepare(int first, int count)
        {
            IDataView pairs = mlContext.Data.LoadFromEnumerable(Pairs(first, count));
            return preparation.Fit(pairs).Transform(pairs);
        }
        DpoTrainer trainer = new(mlContext, new DpoTrainer.Options
        {
            Model = model, BatchSize = TrainingScenario.BatchSize, Threads = 1, Reference = ReferenceMode.Precomputed, Communicator = communicator,
            CancellationToken = source.Token,
            Validation = new() { Data = Prepare(first: 30, HeldOut), SamplePrompts = 0 },
        });
        try
        {
            using DpoTransformer trained = trainer.Fit(Prepare(first: 1, TrainingScenario.PairCount));
            return "ran to its end";
        }
        catch (OperationCanceledException cancelled)
        {
            return cancelled.Message;
        }
    }
}
