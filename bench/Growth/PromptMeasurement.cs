using MiniMind.MLNet.Dpo.Bench.EndToEnd;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Bench.Growth;

/// <summary>What it brings to run a pair's shared prompt once, in one process and in turn; times are the least of the rounds.</summary>
/// <param name="Bound">Tokens that run without sharing over those that run with it: (2P + C + R) / (P + C + R).</param>
/// <param name="Ratio">The same of the steps' times, by the clock.</param>
/// <param name="RatioInProcessorTime">The same in processor time.</param>
/// <param name="SharedMilliseconds">A step with prompts shared, by the clock.</param>
internal sealed record PromptMeasurement(double Bound, double Ratio, double RatioInProcessorTime, double SharedMilliseconds)
{
    /// <summary>The ratio over its bound.</summary>
    public double OfBound => Ratio / Bound;

    public static PromptMeasurement Of(StepShape shape)
    {
        ModelConfig config = new() { HiddenSize = shape.Hidden, LayerCount = shape.Layers, VocabularySize = shape.Vocabulary };
        using MiniMindNetwork network = new(config);
        using (torch.Generator random = new(1, torch.CPU))
            network.Initialize(random);
        torch.set_num_threads(shape.Threads);
        using NativeHeap heap = new(keepBlocks: true); // as a trainer does
        IReadOnlyList<PreferenceExample> pairs = SyntheticPairs.Make(shape.BatchSize, shape.Vocabulary, shape.Prompt, shape.Answer);
        int[] batch = [.. Enumerable.Range(0, pairs.Count)];
        using TrainedModel trained = new(network);
        StepTimer twice = new(trained, pairs, Lever.All with { Shape = BatchShape.Packed }, shape.Prompt + shape.Answer, shape.BatchSize);
        StepTimer once = new(trained, pairs, Lever.All, shape.Prompt + shape.Answer, shape.BatchSize);
        (Timing unshared, Timing shared) = (new(), new());
        for (int round = -1; round < shape.Rounds; round++)
        {
            unshared.Measure(round, 1, () => twice.Step(batch));
            shared.Measure(round, 1, () => once.Step(batch));
        }
        return new PromptMeasurement(
            (double)(shape.Prompt + shape.Answer) * 2 / (shape.Prompt + 2 * shape.Answer), unshared.Seconds / shared.Seconds,
            unshared.ProcessorSeconds / shared.ProcessorSeconds, shared.Seconds * 1000);
    }
}
