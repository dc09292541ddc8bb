using System.Diagnostics;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.MpiProbe;

/// <summary>How long a step takes with gradients sent during the backward pass, and with all sent after it.</summary>
internal static class OverlapScenario
{
    private const int Steps = 24;

    public static void Run(ICommunicator communicator, int hiddenSize, int layers, int pairs)
    {
        using MiniMindNetwork network = new(new ModelConfig { HiddenSize = hiddenSize, LayerCount = layers });
        set_num_threads(1);
        network.Initialize(new Generator(1));
        using FlatParameters parameters = new(network.named_parameters().Select(p => (p.name, p.parameter)));
        using AdamW optimizer = new(parameters, new AdamWOptions());
        BatchOptions batches = new(BatchShape.Packed, HeadOnResponseOnly: true, 256, 0, BalanceRealTokensOnly: false, ScalarType.Float32, long.MaxValue);
        PreferenceTask task = new(network, new AbsentReference(), [.. Enumerable.Range(0, pairs * communicator.Size * Steps).Select(Pair)],
            new(PreferenceLoss.Sigmoid(), 0.1, LogProbReduction.Mean), batches);
        LoopOptions options = new() { BatchSize = pairs, Shuffle = false };
        using TrainingLoop during = new(task, parameters, optimizer, options, communicator: communicator);
        using TrainingLoop after = new(task, parameters, optimizer, options with { SmallestExchange = null }, communicator: communicator);

        // one step of each in turn, so that what else the machine does meets both alike
        List<double> withOverlap = [], without = [];
        using IEnumerator<StepResult> first = during.Steps().GetEnumerator(), second = after.Steps().GetEnumerator();
        for (int step = 0; step < Steps; step++)
        {
            withOverlap.Add(Time(communicator, first));
            without.Add(Time(communicator, second));
        }
        long bytes = parameters.Gradients.NumberOfElements * sizeof(float);
        double sum = Enumerable.Range(0, 8).Min(_ =>
        {
            Stopwatch watch = Stopwatch.StartNew();
            communicator.AllReduceSum(parameters.Gradients);
            return watch.Elapsed.TotalSeconds;
        });
        if (communicator.Rank == 0)
        {
            Console.WriteLine(
                $"{bytes:N0} bytes a step, alone {sum * 1e3:F0} ms; a step takes {Describe(withOverlap)} when they are sent during the backward pass, " +
                $"{Describe(without)} when after it");
        }
    }

    private static double Time(ICommunicator communicator, IEnumerator<StepResult> steps)
    {
        communicator.Barrier();
        Stopwatch watch = Stopwatch.StartNew();
        steps.MoveNext();
        steps.Current.MetricSums.Dispose();
        return watch.Elapsed.TotalSeconds;
    }

    private static string Describe(List<double> seconds) =>
        $"{seconds.Min() * 1e3:F0} ms at best and {seconds.Order().ElementAt(seconds.Count / 2) * 1e3:F0} ms in the middle";

    private static PreferenceExample Pair(int seed)
    {
        Random random = new(seed);
        Response Side() => new([.. Enumerable.Range(0, 128).Select(_ => random.Next(3, 6400))],
            [.. Enumerable.Range(0, 128).Select(_ => random.Next(3, 6400))], [.. Enumerable.Repeat((byte)1, 128)]);
        return new PreferenceExample(Side(), Side(), 0);
    }
}
