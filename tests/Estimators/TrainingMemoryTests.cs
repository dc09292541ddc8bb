using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>Counts the process's tensors, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(TrainingMemoryTests), DisableParallelization = true)]
[Collection(nameof(TrainingMemoryTests))]
public sealed class TrainingMemoryTests
{
    [Fact]
    public void Fit_TwoHundredSteps_LeavesNoTensorAndHoldsMemoryFlat()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = SmallModel.Pairs(context, 40);
        long tensors = 0, resident = 0;
        Progress progress = new(report =>
        {
            if (report.Step == 60)
                (tensors, resident) = (torch.Tensor.TotalCount, report.ResidentBytes);
            if (report.Step != 200)
                return;
            torch.Tensor.TotalCount.Should().BeLessThanOrEqualTo(tensors, "a step leaves no tensor behind");
            (report.ResidentBytes - resident).Should().BeLessThan(48L << 20, "resident memory stays flat");
        });

        using DpoTransformer trained = new DpoTrainer(context, new() { Model = model, LearningRate = 1e-4, Epochs = 20, LogInterval = 20, Progress = progress })
            .Fit(pairs);

        trained.TrainingSummary.Steps.Should().Be(200);
    }

    [Fact]
    public void Fit_SeveralHundredSteps_HoldTheManagedHeapAndWhatAStepAllocatesFlat()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = SmallModel.Pairs(context, 40); // epochs of ten steps: what is compared are whole epochs
        Dictionary<long, (long Live, long Allocated)> heap = [];
        Progress progress = new(report => heap[report.Step] = (LiveBytes(), GC.GetTotalAllocatedBytes(precise: true)));

        using DpoTransformer trained = new DpoTrainer(context, new() { Model = model, LearningRate = 1e-4, Epochs = 30, LogInterval = 20, Progress = progress })
            .Fit(pairs);

        trained.TrainingSummary.Steps.Should().Be(300);
        (heap[280].Live - heap[40].Live).Should().BeLessThan(
            96 << 10,
            "12 measurements keep about 1 KiB each and the runtime may grow a table by 64 KiB, but 410 bytes left by each of 240 steps are too much");
        long Allocated(long from) => heap[from + 60].Allocated - heap[from].Allocated; // in six epochs
        ((double)Allocated(220) / Allocated(40)).Should().BeLessThan(1.05, "a step allocates what it did before; how far the host is ahead makes a hundredth");
    }

    private static long LiveBytes()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect(); // in full: what has a finalizer goes with the second
            GC.WaitForPendingFinalizers();
        }
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private sealed class Progress(Action<DpoProgress> report) : IProgress<DpoProgress>
    {
        public void Report(DpoProgress value) => report(value);
    }
}
