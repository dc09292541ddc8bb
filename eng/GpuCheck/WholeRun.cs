using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Distributed;
using TorchSharp;

namespace GpuCheck;

/// <summary>Training through the public trainer, on the CPU and on the device, and whether memory stays flat.</summary>
internal static class WholeRun
{
    private const int MemorySteps = 200;

    private static TrainingChoice Plain => new(ComputeDevice.Cpu, ComputePrecision.Fp32, BatchPadding.None);

    /// <summary>The bakery's pairs, step by step: the device's losses against the CPU's, in fp32.</summary>
    public static void Losses(CheckOptions options, Report report)
    {
        // where the device is the CPU, its other arithmetic stands in for a GPU's: one thread, and padded batches
        IReadOnlyList<TrainingPoint> cpu = Train(Plain);
        IReadOnlyList<TrainingPoint> device = Train(
            options.Gpu ? Plain with { Device = Gpu(options) } : Plain with { Padding = BatchPadding.Longest, Threads = 1 });
        report.Line(
            $"     losses from {cpu[0].Metrics[MetricNames.Loss]:F4} to {cpu[^1].Metrics[MetricNames.Loss]:F4} on the CPU in " +
            $"{cpu[^1].Elapsed.TotalSeconds:F1} s, on the device in {device[^1].Elapsed.TotalSeconds:F1} s");
        CompareLosses($"losses of {cpu.Count} steps against the CPU's", cpu, device, 1e-3, report);
    }

    /// <summary>The same in bf16, and in TF32 where the device has it, against its own fp32.</summary>
    public static void Precision(CheckOptions options, Report report)
    {
        TrainingChoice plain = options.Gpu ? Plain with { Device = Gpu(options) } : Plain;
        IReadOnlyList<TrainingPoint> exact = Train(plain);
        CompareLosses("losses in bf16 against fp32", exact, Train(plain with { Precision = ComputePrecision.Bf16 }), 2e-2, report);
        if (options.Gpu)
            CompareLosses("losses in TF32 against fp32", exact, Train(plain with { AllowTf32 = true }), 5e-3, report);
    }

    /// <summary>One rank by NCCL: a sum and a broadcast of one are what was given, and a run's losses stay as they are.</summary>
    public static void Nccl(CheckOptions options, Report report)
    {
        using NcclCommunicator communicator = new(new SingleProcess(), options.Device.index);
        using torch.Tensor values = torch.arange(1000, torch.ScalarType.Float32, options.Device), before = values.clone();
        communicator.BeginAllReduceSum(values).Wait();
        communicator.Broadcast([values], root: 0);
        report.Hold("a sum and a broadcast of one rank are what was given", values.equal(before).all().item<bool>());
        TrainingChoice plain = Plain with { Device = Gpu(options) };
        CompareLosses("losses with NCCL against those without", Train(plain), Train(plain with { Communicator = communicator }), 1e-6, report);
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

    private static ComputeDevice Gpu(CheckOptions options) => ComputeDevice.Cuda(options.Device.index);

    private static void CompareLosses(string what, IReadOnlyList<TrainingPoint> one, IReadOnlyList<TrainingPoint> other, double limit, Report report)
    {
        if (one.Count != other.Count)
            throw new InvalidOperationException($"One run took {one.Count} steps, the other {other.Count}.");
        report.Check(what, one.Zip(other).Max(pair => Math.Abs(pair.First.Metrics[MetricNames.Loss] - pair.Second.Metrics[MetricNames.Loss])), limit);
    }

    private static IReadOnlyList<TrainingPoint> Train(TrainingChoice choice)
    {
        using PretrainedModel model = Model();
        MLContext context = new(seed: 1);
        DpoTrainer trainer = context.Preferences.Trainers.Dpo(new DpoTrainer.Options
        {
            Model = model, Device = choice.Device, Precision = choice.Precision, Padding = choice.Padding, SharePrompts = choice.Padding == BatchPadding.None,
            Threads = choice.Threads, AllowTf32 = choice.Device == ComputeDevice.Cpu ? null : choice.AllowTf32, Communicator = choice.Communicator,
            LearningRate = 1e-4, BatchSize = 8, Epochs = 1, LogInterval = 1,
            Shuffle = false, // shuffled, the longest step goes first, and which it is depends on how rows are laid out
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
