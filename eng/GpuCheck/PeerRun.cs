using System.Diagnostics;
using System.Text.Json;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Generation;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuCheck;

/// <summary>What the library does with a <see cref="PeerShape"/>, as a process of its own that prints lines of JSON, like <c>minimind.py</c>.</summary>
internal static class PeerRun
{
    private const double LearningRate = 1e-5, Beta = 0.1;
    private const int PromptTokens = 32;

    /// <summary>Runs as <c>GpuCheck --peer DEVICE SHAPE STEPS|decode:TOKENS [padded]</c>.</summary>
    public static int Run(string[] arguments)
    {
        Device device = torch.device(arguments[0]);
        PeerShape shape = PeerShape.Parse(arguments[1]);
        if (arguments[2].StartsWith("decode:", StringComparison.Ordinal))
            Decode(device, shape, int.Parse(arguments[2][7..]));
        else
            Train(device, shape, int.Parse(arguments[2]), arguments.Length > 3 ? BatchShape.PaddedToLongest : BatchShape.PackedWithSharedPrefix);
        return 0;
    }

    private static void Train(Device device, PeerShape shape, int steps, BatchShape batches)
    {
        using MiniMindNetwork policy = shape.Network(device), reference = shape.Network(device);
        BatchOptions options = new(batches, HeadOnResponseOnly: true, shape.Length, 0, BalanceRealTokensOnly: true, ScalarType.BFloat16, 512L << 18);
        PreferenceTask task = new(policy, new LiveReference(reference, options.LogitsBudget), shape.Examples(),
            new(PreferenceLoss.Sigmoid(), Beta, LogProbReduction.Sum), options);
        using FlatParameters parameters = new(policy.named_parameters().Select(entry => (entry.name, entry.parameter)));
        using AdamW optimizer = new(parameters, new AdamWOptions());
        using TrainingLoop loop = new(task, parameters, optimizer, new LoopOptions
        {
            Epochs = (steps + PeerShape.Batches - 1) / PeerShape.Batches, BatchSize = shape.Pairs, Shuffle = false, LearningRate = LearningRate,
            Schedule = new ConstantSchedule(), Mode = ScalarType.BFloat16,
        });
        int loss = task.MetricNames.ToList().IndexOf(MiniMind.MLNet.Dpo.Training.MetricNames.Loss);
        long start = Stopwatch.GetTimestamp();
        foreach (StepResult step in loop.Steps().Take(steps))
        {
            using Tensor sums = step.MetricSums;
            double value;
            using (DisposeScope scope = NewDisposeScope())
                value = sums.cpu().data<double>()[loss] / step.Weight; // waits for the device
            Say(new { step = step.Step - 1, seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, host = step.Duration.TotalSeconds, loss = value });
            start = Stopwatch.GetTimestamp();
        }
    }

    private static void Decode(Device device, PeerShape shape, int tokens)
    {
        using MiniMindNetwork network = shape.Network(device);
        int[] prompt = shape.Ids(0, 1)[..PromptTokens], ids = [];
        double seconds = 0;
        for (int round = 0; round < 2; round++) // the first prepares kernels
        {
            using GenerationSession session = new(network);
            long start = Stopwatch.GetTimestamp();
            ids = [.. session.Generate(prompt, GenerationOptions.Greedy with { MaxNewTokens = tokens }, new HashSet<int>())];
            seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        Say(new { tokens, seconds, ids });
    }

    private static void Say(object line)
    {
        Console.WriteLine(JsonSerializer.Serialize(line));
        Console.Out.Flush();
    }
}
