using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Training;
using TorchSharp;

namespace GpuCheck;

/// <summary>A GPU whose memory is nearly full: with <c>AutoBatch</c> a run comes to the same losses, without it ends and says what to do.</summary>
internal static class Shortage
{
    private const long Mebi = 1 << 20;

    /// <summary>Fills the memory until a step no longer fits.</summary>
    public static void Run(CheckOptions options, Report report)
    {
        IReadOnlyList<TrainingPoint> roomy = Train(options, autoBatch: false);
        for (long left = 1024 * Mebi; left >= 32 * Mebi; left /= 2)
        {
            using torch.Tensor held = Fill(options, left);
            try
            {
                Train(options, autoBatch: false);
                continue;
            }
            catch (InsufficientMemoryException shortage)
            {
                report.Line($"     with {left / Mebi} MiB left: {shortage.Message}");
            }
            IReadOnlyList<TrainingPoint> halved = Train(options, autoBatch: true);
            report.Check($"losses with AutoBatch and {left / Mebi} MiB left against those with all memory",
                roomy.Zip(halved).Max(pair => Math.Abs(pair.First.Metrics[MetricNames.Loss] - pair.Second.Metrics[MetricNames.Loss])), 1e-4);
            report.Hold($"the run took as many steps ({roomy.Count})", roomy.Count == halved.Count);
            return;
        }
        report.Hold("a run ended for want of memory", false);
    }

    private static torch.Tensor Fill(CheckOptions options, long left) =>
        torch.empty([Math.Max(1, DeviceMemory.Free() - left)], torch.ScalarType.Byte, options.Device);

    private static IReadOnlyList<TrainingPoint> Train(CheckOptions options, bool autoBatch)
    {
        using PretrainedModel model = PretrainedModel.Load(Path.Combine(AppContext.BaseDirectory, "model"));
        MLContext context = new(seed: 1);
        DpoTrainer trainer = context.Preferences.Trainers.Dpo(new DpoTrainer.Options
        {
            Model = model, Device = ComputeDevice.Cuda(options.Device.index), Precision = ComputePrecision.Fp32, AllowTf32 = false, AutoBatch = autoBatch,
            LearningRate = 1e-4, BatchSize = 256, Epochs = 3, LogInterval = 1, Padding = BatchPadding.MaxLength, MaxLength = 256,
        });
        IDataView pairs = context.Preferences.LoadFromJsonl(Path.Combine(AppContext.BaseDirectory, "data", "train.jsonl"));
        using TransformerChain<DpoTransformer> trained = context.Transforms.PreparePreferencePairs(model).Append(trainer).Fit(pairs);
        return trained.LastTransformer.TrainingSummary.History;
    }
}
