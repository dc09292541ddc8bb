using System.Runtime.InteropServices;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Passes;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

public sealed class MemoryAdviceTests
{
    [Fact]
    public void Run_PassDoesNotFit_SaysWhatToChangeAndNothingThatIsSetAlready()
    {
        using PretrainedModel model = SmallModel.Create();
        string Message(TrainingOptions options) => FluentActions.Invoking(
            () => MemoryAdvice.Run<object>(options, () => throw new PassMemoryException(
            4, 2048, new ExternalException("CUDA out of memory. Tried to allocate 2.00 GiB.\nmore"))))
            .Should().Throw<InsufficientMemoryException>().Which.Message;

        Message(new DpoTrainer.Options { Model = model }).Should().Be(
            "A pass over 4 examples, 2048 rows, needs more memory than there is: CUDA out of memory. Tried to allocate 2.00 GiB. What lowers the need: " +
            "BatchSize below 4 with more AccumulationSteps than 1, or AutoBatch, which does it by itself; a smaller MaxLength in the preparation of the " +
                "data, or MaxRowsPerPass; " +
            "GradientCheckpointing, which keeps one activation per layer; MaxLogitsMegabytes below 28, the size of a chunk of logits; " +
            "Reference Precomputed with KeepReference off, so that no reference runs beside the policy.");
        Message(new SftTrainer.Options { Model = model, AutoBatch = true, BatchSize = 1, GradientCheckpointing = true }).Should().EndWith(
            "What lowers the need: a smaller MaxLength in the preparation of the data, since one example is too long; MaxLogitsMegabytes below 28, the size " +
                "of a chunk of logits.");
    }

    [Fact]
    public void Run_WhatALossOrAnOptionExcludes_IsNotAdvised()
    {
        using PretrainedModel model = SmallModel.Create();
        string Message(TrainingOptions options) => FluentActions
            .Invoking(() => MemoryAdvice.Run<object>(options, () => throw new PassMemoryException(4, 2048, new ExternalException("CUDA out of memory."))))
            .Should().Throw<InsufficientMemoryException>().Which.Message;

        string coupled = Message(new DpoTrainer.Options { Model = model, Loss = PreferenceLoss.Aot() });
        coupled.Should().Contain("BatchSize below 4; a smaller MaxLength in the preparation of the data; ").And.Contain("Reference Precomputed");
        coupled.Should().NotContainAny("AccumulationSteps", "AutoBatch", "MaxRowsPerPass");
        Message(new DpoTrainer.Options { Model = model, ReferenceSync = new() }).Should().NotContain("Reference Precomputed");
        Message(new DpoTrainer.Options { Model = model, Loss = PreferenceLoss.SimPO() }).Should().NotContain("Reference Precomputed");
    }

    [Fact]
    public void Run_OtherErrors_PassThrough()
    {
        using PretrainedModel model = SmallModel.Create();

        FluentActions.Invoking(() => MemoryAdvice.Run<object>(
            new SftTrainer.Options { Model = model }, () => throw new ExternalException("mat1 and mat2 shapes cannot be multiplied")))
            .Should().Throw<ExternalException>().WithMessage("mat1*");
    }

    [Fact]
    public void Fit_AutoBatchWithMemoryToSpare_GivesTheSameWeights()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = SmallModel.Pairs(context, 9);
        double Loss(bool autoBatch)
        {
            using DpoTransformer trained = new DpoTrainer(context, new() { Model = model, LearningRate = 1e-3, AutoBatch = autoBatch, LogInterval = 1 })
                .Fit(pairs);
            return trained.TrainingSummary.History[^1].Metrics[MetricNames.Loss];
        }

        Loss(true).Should().Be(Loss(false));
    }
}
