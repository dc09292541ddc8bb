using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Training.Guards;
using MiniMind.MLNet.Dpo.Weights;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>Counters, random numbers and threads are those of the whole process, so nothing may run beside these tests.</summary>
[CollectionDefinition(nameof(SuggestLearningRateMemoryTests), DisableParallelization = true)]
[Collection(nameof(SuggestLearningRateMemoryTests))]
public sealed class SuggestLearningRateMemoryTests
{
    [Fact]
    public void SuggestLearningRate_Always_LeavesModelRandomNumbersThreadsAndTensorsAlone()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = FaultyRuns.Separable(context, 60, seed: 7);
        DpoTrainer.Options options = new() { Model = model, Beta = 0.5, Threads = 1, ConsoleWarnings = false };
        LearningRateSearch search = new() { Steps = 8, HeldOutPairs = 24, MaxTrials = 3 };
        context.Preferences.SuggestLearningRate(pairs, options, search); // what is made once is made here
        string weights = WeightHash.Sha256(model.Network.Network);
        using torch.Tensor random = torch.get_rng_state();
        int threads = torch.get_num_threads();
        long tensors = LiveTensors.Settled();

        context.Preferences.SuggestLearningRate(pairs, options, search);

        int parameters = model.Network.Network.parameters().Count();
        LiveTensors.Settled().Should().Be(tensors + parameters, "TorchSharp's own counter stays one higher for every Parameter ever made, here of the copy");
        WeightHash.Sha256(model.Network.Network).Should().Be(weights);
        torch.get_num_threads().Should().Be(threads);
        using torch.Tensor after = torch.get_rng_state();
        after.bytes.ToArray().Should().Equal(random.bytes.ToArray());
    }
}
