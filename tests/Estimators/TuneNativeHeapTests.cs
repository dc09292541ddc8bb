using Microsoft.ML;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>Watches the process's heap, so nothing else may train beside it.</summary>
[CollectionDefinition(nameof(TuneNativeHeapTests), DisableParallelization = true)]
[Collection(nameof(TuneNativeHeapTests))]
public sealed class TuneNativeHeapTests
{
    [SkippableTheory]
    [InlineData(null, false, "KeepBlocks")]
    [InlineData(true, false, "KeepBlocks")]
    [InlineData(true, true, "ReturnBlocks")]
    [InlineData(false, false, "Usual")]
    [InlineData(false, true, "Usual")]
    public void Fit_AnyRun_HasTheHeapAsAskedForAndPutsItBack(bool? tune, bool checkpointing, string mode)
    {
        Skip.IfNot(NativeHeap.Available, "glibc's");
        List<string> seen = [];

        Train(tune, () => seen.Add($"{NativeHeap.Mode}"), checkpointing);

        seen.Should().NotBeEmpty().And.AllBe(mode);
        NativeHeap.Mode.Should().Be(HeapMode.Usual);
    }

    [SkippableFact]
    public void Fit_RunThatFails_PutsTheHeapBack()
    {
        Skip.IfNot(NativeHeap.Available, "glibc's");

        FluentActions.Invoking(() => Train(null, () => throw new TimeoutException(NativeHeap.Mode.ToString()))).Should().Throw<Exception>()
            .Which.ToString().Should().Contain("KeepBlocks");

        NativeHeap.Mode.Should().Be(HeapMode.Usual);
    }

    [SkippableFact]
    public void Fit_RunWithinARun_LeavesTheOuterOneItsHeap()
    {
        Skip.IfNot(NativeHeap.Available, "glibc's");
        List<HeapMode> after = [];

        Train(null, () =>
        {
            Train(true, () => { }, checkpointing: true);
            Train(false, () => { });
            after.Add(NativeHeap.Mode);
        });

        after.Should().NotBeEmpty().And.AllBeEquivalentTo(HeapMode.KeepBlocks);
        NativeHeap.Mode.Should().Be(HeapMode.Usual);
    }

    private static void Train(bool? tune, Action measured, bool checkpointing = false)
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        using DpoTransformer trained = new DpoTrainer(context, new()
        {
            Model = model, TuneNativeHeap = tune, GradientCheckpointing = checkpointing, LogInterval = 1, Progress = new Listener(measured),
        }).Fit(SmallModel.Pairs(context, 4));
    }

    private sealed class Listener(Action measured) : IProgress<DpoProgress>
    {
        public void Report(DpoProgress value) => measured();
    }
}
