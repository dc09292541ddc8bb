using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Modeling.Adapters;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Forecast;
using MiniMind.MLNet.Dpo.Training.Optimization;
using MiniMind.MLNet.Dpo.Training.Passes;
using MiniMind.MLNet.Dpo.Training.References;
using TorchSharp;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Training.Forecast;

[Collection(nameof(LoadingMemoryCollection))]
public sealed class MemoryForecastTests
{
    [SkippableTheory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Of_OnePass_IsNearWhatThePassTakes(bool checkpointing, bool adapter)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "resident memory is read from /proc");
        using DisposeScope scope = NewDisposeScope();
        // as a run does that checkpoints
        using NativeHeap? heap = checkpointing || adapter ? new NativeHeap(keepBlocks: false) : null;
        ModelConfig config = new() { HiddenSize = 128, LayerCount = checkpointing ? 24 : 6, VocabularySize = 4096, MaxPositions = 512 };
        using MiniMindNetwork whole = new(config);
        using (Generator random = new(1))
            whole.Initialize(random);
        using MiniMindNetwork? adapted = adapter ? AdaptedNetwork.Trained(whole, new LoraOptions { Rank = 16 }) : null;
        MiniMindNetwork network = adapted ?? whole;
        using FlatParameters parameters = new(network.TrainedParameters);
        BatchOptions options = new(BatchShape.PackedWithSharedPrefix, true, 0, 0, true, ScalarType.Float32, long.MaxValue, checkpointing);
        IReadOnlyList<PreferenceExample> pairs = RandomPairs.Make(16, config.VocabularySize, seed: 4, promptLength: 200, answerLength: 150);
        PreferenceTask task = new(network, new AbsentReference(), pairs, new(PreferenceLoss.Sigmoid(), 0.1, LogProbReduction.Sum), options);
        void Pass(int[] examples)
        {
            using DisposeScope passScope = NewDisposeScope();
            task.Accumulate(new DeviceBatch(task.Build(examples), ScalarType.Float32, CPU), examples, 1.0 / examples.Length);
        }
        int[] all = [.. Enumerable.Range(0, pairs.Count)];
        Pass([0]); // kernels and their buffers
        MemoryForecast forecast = MemoryForecast.Of(config, task.Build(all), options, DeviceType.CPU, PassWeights.Of(network));

        double measured = double.MaxValue; // the least of three: whatever else the process does can only add to it
        for (int i = 0; i < 3; i++)
        {
            heap?.Begin(); // what the last pass has left in kept blocks, too
            GlibcHeap.Process?.Trim(); // what others have left free would hide what this one takes
            long before = ResidentMemory.ResetPeak();
            Pass(all);
            measured = Math.Min(measured, ResidentMemory.Peak() - before);
        }

        // the heap of this process has gaps that other tests left; within a fifth in a process of its own is what bench/MemoryForecast measures
        (forecast.Pass / measured).Should().BeInRange(0.6, 1.3, $"{forecast.Pass >> 20} MiB are forecast and {measured / (1 << 20):F0} MiB were taken");
    }
}
