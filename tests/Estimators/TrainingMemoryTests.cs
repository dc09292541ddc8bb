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
    public void Fit_ThreeHundredSteps_LeavesNoTensorAndHoldsMemoryFlat()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = SmallModel.Pairs(context, 40);
        long tensors = 0, resident = 0;
        Progress progress = new(report =>
        {
            if (report.Step == 60) (tensors, resident) = (torch.Tensor.TotalCount, report.ResidentBytes);
            if (report.Step != 300) return;
            torch.Tensor.TotalCount.Should().BeLessThanOrEqualTo(tensors, "a step leaves no tensor behind");
            (report.ResidentBytes - resident).Should().BeLessThan(48L << 20, "resident memory stays flat");
        });

        using DpoTransformer trained = new DpoTrainer(context, new() { Model = model, LearningRate = 1e-4, Epochs = 30, LogInterval = 20, Progress = progress }).Fit(pairs);

        trained.TrainingSummary.Steps.Should().Be(300);
    }

    private sealed class Progress(Action<DpoProgress> report) : IProgress<DpoProgress>
    {
        public void Report(DpoProgress value) => report(value);
    }
}
