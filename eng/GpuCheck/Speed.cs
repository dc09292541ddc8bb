using System.Diagnostics;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Bench.EndToEnd;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Modeling.Attention;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Loop;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace GpuCheck;

/// <summary>How fast training steps are, against a plain bf16 matrix product of the same device.</summary>
internal static class Speed
{
    private const int StepsOfEpoch = 8;

    /// <summary>Causal attention with libtorch's flash kernel and without.</summary>
    public static void Flash(CheckOptions options, Report report)
    {
        double flash = FlashRatio(options);
        if (options.Gpu)
            report.Check("causal attention's time with the flash kernel over that without", 1 / flash, 1);
        else
            report.Line($"     the switch for the flash kernel changes causal attention's speed by {flash:F2} (a CPU has no such switch)");
        if (!options.Gpu)
            return; // libtorch has the kernel for different lengths for CUDA alone
        string? fault = FlashAttentionTrial.Fault(options.Device, ScalarType.BFloat16, 64);
        report.Hold($"attention over sequences of different lengths is plain attention{(fault is null ? "" : $": {fault}")}", fault is null);
    }

    /// <summary>Training steps of each hidden size.</summary>
    public static void Steps(CheckOptions options, Report report)
    {
        double matmul = MatmulRate(options);
        report.Line($"     a plain bf16 matrix product reaches {matmul / 1e12:G3} TFLOP/s");
        report.Row("| hidden | parameters | batch | pairs/s | tokens/s | of a bf16 matrix product |");
        report.Row("|---|---|---|---|---|---|");
        foreach (int hidden in options.Hidden)
            Measure(options, hidden, matmul, report);
    }

    /// <summary>What a large bf16 product reaches, FLOP/s.</summary>
    internal static double MatmulRate(CheckOptions options)
    {
        using DisposeScope scope = NewDisposeScope();
        int size = options.Gpu ? 8192 : 1024;
        Tensor left = randn([size, size], device: options.Device).to(ScalarType.BFloat16),
            right = randn([size, size], device: options.Device).to(ScalarType.BFloat16);
        double seconds = Best(options.Device, 10, () => nn.functional.linear(left, right));
        return 2.0 * size * size * size / seconds;
    }

    /// <summary>How many times faster causal bf16 attention, forward and backward, is with libtorch's flash kernel than without it.</summary>
    private static double FlashRatio(CheckOptions options)
    {
        using DisposeScope scope = NewDisposeScope();
        long length = options.Gpu ? 2048 : 256;
        Tensor Heads() => randn([4, 8, length, 64], device: options.Device).to(ScalarType.BFloat16).requires_grad_();
        Tensor query = Heads(), key = Heads(), value = Heads();
        void Attend() => nn.functional.scaled_dot_product_attention(query, key, value, null, 0, true).sum().backward();
        double with = Best(options.Device, 5, Attend);
        backends.cuda.enable_flash_sdp(false);
        try
        {
            return Best(options.Device, 5, Attend) / with;
        }
        finally
        {
            backends.cuda.enable_flash_sdp(true);
        }
    }

    /// <summary>Steps of a model of MiniMind's shape with the given hidden size, bf16 products, live reference.</summary>
    private static void Measure(CheckOptions options, int hidden, double matmul, Report report)
    {
        int side = options.Gpu ? 512 : 64, pairs = options.Gpu ? 16 : 2;
        ModelConfig config = new()
        {
            HiddenSize = hidden, LayerCount = options.Gpu ? 8 : 2, HeadCount = Math.Max(2, hidden / 64),
            KeyValueHeadCount = Math.Max(1, hidden / 128)
        };
        using MiniMindNetwork made = new(config);
        made.Initialize(new Generator(1));
        using MiniMindNetwork policy = made.Clone(options.Device), reference = made.Clone(options.Device);
        foreach (BatchShape shape in new[] { BatchShape.PaddedToLongest, BatchShape.PackedWithSharedPrefix })
        {
            IReadOnlyList<PreferenceExample> examples = RandomPairs.Make(
                pairs * StepsOfEpoch, config.VocabularySize, seed: 1, promptLength: side / 2, answerLength: side / 2);
            BatchOptions batches = new(shape, HeadOnResponseOnly: true, side + 4, 0, BalanceRealTokensOnly: true, ScalarType.BFloat16, 512L << 18);
            PreferenceTask task = new(policy, new LiveReference(reference, batches.LogitsBudget), examples,
                new(PreferenceLoss.Sigmoid(), 0.15, LogProbReduction.Mean), batches);
            using FlatParameters parameters = new(policy.named_parameters().Select(p => (p.name, p.parameter)));
            using AdamW optimizer = new(parameters, new AdamWOptions());
            LoopOptions loopOptions = new() { Epochs = 100_000, BatchSize = pairs, Shuffle = false, Mode = ScalarType.BFloat16 };
            using TrainingLoop loop = new(task, parameters, optimizer, loopOptions);
            (long steps, double seconds) = Run(loop, options);
            Arithmetic arithmetic = new(config);
            double perEpoch = examples.Sum(shape == BatchShape.PackedWithSharedPrefix ? arithmetic.NeededPair : arithmetic.UnsharedPair)
                * Arithmetic.PassesPerStep(liveReference: true);
            double utilisation = perEpoch * steps / StepsOfEpoch / seconds / matmul,
                tokens = (double)Enumerable.Range(0, examples.Count).Sum(task.Tokens) * steps / StepsOfEpoch / seconds;
            report.Line(
                $"     hidden {hidden}, {parameters.Count / 1e6:F1} M parameters, {shape}: {steps} steps, {pairs * steps / seconds:F1} pairs/s, {tokens:F0} " +
                $"tokens/s, {utilisation:P0} of the matrix product's rate");
            report.Row($"| {hidden} | {parameters.Count / 1e6:F1} M | {shape} | {pairs * steps / seconds:F1} | {tokens:F0} | {utilisation:P0} |");
        }
    }

    // whole epochs, so that every step weighs the same
    private static (long Steps, double Seconds) Run(TrainingLoop loop, CheckOptions options)
    {
        long steps = 0, start = 0;
        foreach (StepResult step in loop.Steps())
        {
            step.MetricSums.Dispose();
            if (step.Step % StepsOfEpoch != 0)
                continue;
            Wait(options.Device);
            if (step.Step == StepsOfEpoch)
                start = Stopwatch.GetTimestamp(); // the first epoch prepares kernels
            else
                steps = step.Step - StepsOfEpoch;
            if (steps > 0 && Stopwatch.GetElapsedTime(start).TotalSeconds > options.Seconds / 2)
                break;
        }
        return (steps, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private static double Best(Device device, int rounds, Action work)
    {
        double best = double.MaxValue;
        for (int round = -1; round < rounds; round++)
        {
            using DisposeScope scope = NewDisposeScope();
            Wait(device);
            long start = Stopwatch.GetTimestamp();
            work();
            Wait(device);
            if (round >= 0)
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }

    private static void Wait(Device device)
    {
        if (device.type == DeviceType.CUDA)
            cuda.synchronize(device);
    }
}
