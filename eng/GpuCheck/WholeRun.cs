using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Training;
using TorchSharp;

namespace GpuCheck;

/// <summary>Training through the public trainer, on the CPU and on the device, and whether memory stays flat.</summary>
internal static class WholeRun
{
    private const int MemorySteps = 200;

    /// <summary>The bakery's pairs, step by step: the device's losses against the CPU's, in fp32.</summary>
    public static void Losses(CheckOptions options, Report report)
    {
        // where the device is the CPU, its other arithmetic stands in for a GPU's: one thread, and padded batches
        IReadOnlyList<TrainingPoint> cpu = Train(ComputeDevice.Cpu, ComputePrecision.Fp32, BatchPadding.None, threads: null);
        IReadOnlyList<TrainingPoint> device = options.Gpu
            ? Train(ComputeDevice.Cuda(options.Device.index), ComputePrecision.Fp32, BatchPadding.None, threads: null)
            : Train(ComputeDevice.Cpu, ComputePrecision.Fp32, BatchPadding.Longest, threads: 1);
        report.Line(
            $"     losses from {cpu[0].Metrics[MetricNames.Loss]:F4} to {cpu[^1].Metrics[MetricNames.Loss]:F4} on the CPU in " +
            $"{cpu[^1].Elapsed.TotalSeconds:F1} s, on the device in {device[^1].Elapsed.TotalSeconds:F1} s");
        report.Check($"losses of {cpu.Count} steps against the CPU's",
            cpu.Zip(device).Max(pair => Math.Abs(pair.First.Metrics[MetricNames.Loss] - pair.Second.Metrics[MetricNames.Loss])), 1e-3);
        if (cpu.Count != device.Count)
            throw new InvalidOperationException($"The CPU took {cpu.Count} steps, the device {device.Count}.");
    }

    /// <summary>Tensors, resident memory and the GPU's used memory after fifty steps and after all.</summary>
    public static void Memory(CheckOptions options, Report report)
    {
        using PretrainedModel model = Model();
        MLContext context = new(seed: 1);
        (long Tensors, long Resident, long Device) before = default, after = default;
        Watch watch = new(step =>
        {
            if (step == 50)
                before = Now(options);
            if (step == MemorySteps)
                after = Now(options);
        });
        IDataView pairs = context.Data.TakeRows(context.Preferences.LoadFromJsonl(Path.Combine(AppContext.BaseDirectory, "data", "train.jsonl")), 100);
        DpoTrainer trainer = context.Preferences.Trainers.Dpo(new DpoTrainer.Options
        {
            Model = model, Device = options.Gpu ? ComputeDevice.Cuda(options.Device.index) : ComputeDevice.Cpu, LearningRate = 1e-5, Epochs = 8, BatchSize = 4,
            LogInterval = 50, Progress = watch,
        });
        using TransformerChain<DpoTransformer> trained = context.Transforms.PreparePreferencePairs(model).Append(trainer).Fit(pairs);
        report.Check($"tensors left by steps 51 to {MemorySteps}", after.Tensors - before.Tensors, 0);
        report.Check($"growth of resident memory in steps 51 to {MemorySteps}, MiB", (after.Resident - before.Resident) / 1048576.0, 64);
        if (options.Gpu)
            report.Check($"growth of the GPU's used memory in steps 51 to {MemorySteps}, MiB", (after.Device - before.Device) / 1048576.0, 64);
    }

    private static (long Tensors, long Resident, long Device) Now(CheckOptions options) =>
        (torch.Tensor.TotalCount, Environment.WorkingSet, options.Gpu ? DeviceMemory.Used() : 0);

    private static PretrainedModel Model() => PretrainedModel.Load(Path.Combine(AppContext.BaseDirectory, "model"));

    private static IReadOnlyList<TrainingPoint> Train(ComputeDevice device, ComputePrecision precision, BatchPadding padding, int? threads)
    {
        using PretrainedModel model = Model();
        MLContext context = new(seed: 1);
        DpoTrainer trainer = context.Preferences.Trainers.Dpo(new DpoTrainer.Options
        {
            Model = model, Device = device, Precision = precision, Padding = padding, SharePrompts = padding == BatchPadding.None, Threads = threads,
            AllowTf32 = device == ComputeDevice.Cpu ? null : false,
            LearningRate = 1e-4, BatchSize = 8, Epochs = 1, LogInterval = 1,
        });
        IDataView pairs = context.Preferences.LoadFromJsonl(Path.Combine(AppContext.BaseDirectory, "data", "train.jsonl"));
        using TransformerChain<DpoTransformer> trained = context.Transforms.PreparePreferencePairs(model).Append(trainer).Fit(pairs);
        return trained.LastTransformer.TrainingSummary.History;
    }

    private sealed class Watch(Action<long> seen) : IProgress<DpoProgress>
    {
        public void Report(DpoProgress value) => seen(value.Step);
    }
}
