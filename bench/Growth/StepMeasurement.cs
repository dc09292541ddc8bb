using MiniMind.MLNet.Dpo.Bench.EndToEnd;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Bench.Growth;

/// <summary>What a training step took, with a live reference: times are the least of the rounds.</summary>
/// <param name="Parameters">Weights of the policy; the reference has as many.</param>
/// <param name="StepMilliseconds">By the clock.</param>
/// <param name="ProcessorMilliseconds">Of all processors together.</param>
/// <param name="PairsPerSecond">By the clock.</param>
/// <param name="Utilisation">Useful arithmetic per second over that of a plain matrix product in the same process.</param>
/// <param name="UtilisationInProcessorTime">The same by processor time.</param>
/// <param name="HeldMegabytes">Resident between steps: program, policy, reference, gradients, AdamW's moments.</param>
/// <param name="PeakMegabytes">The most that was resident.</param>
internal sealed record StepMeasurement(
    long Parameters, double StepMilliseconds, double ProcessorMilliseconds, double PairsPerSecond, double Utilisation, double UtilisationInProcessorTime,
    double HeldMegabytes, double PeakMegabytes)
{
    /// <summary>What the step takes beyond what stays.</summary>
    public double StepMegabytes => PeakMegabytes - HeldMegabytes;

    public static StepMeasurement Of(StepShape shape)
    {
        ModelConfig config = new() { HiddenSize = shape.Hidden, LayerCount = shape.Layers, VocabularySize = shape.Vocabulary };
        using MiniMindNetwork network = new(config);
        using (torch.Generator random = new(1, torch.CPU))
            network.Initialize(random);
        torch.set_num_threads(shape.Threads);
        using NativeHeap heap = new(keepBlocks: true); // as a trainer does
        IReadOnlyList<PreferenceExample> pairs = SyntheticPairs.Make(shape.BatchSize, shape.Vocabulary, shape.Prompt, shape.Answer);
        int[] batch = [.. Enumerable.Range(0, pairs.Count)];
        Lever lever = shape.Plain ? Lever.Plain : Lever.All with { LogitsMegabytes = shape.LogitsMegabytes };
        using TrainedModel trained = new(network);
        StepTimer timer = new(trained, pairs, lever, shape.Prompt + shape.Answer, shape.BatchSize);

        for (int i = 0; i < 2; i++)
        {
            timer.Step(batch);
            heap.Settle();
        }
        double peak = ResidentMemory.Peak, held = ResidentMemory.Held();
        (double clock, double processor) = (double.MaxValue, double.MaxValue);
        (double rate, double processorRate) = (0, 0);
        for (int round = 0; round < shape.Rounds; round++)
        {
            (double roundClock, double roundProcessor) = timer.Step(batch);
            (double Clock, double Processor) product = MatmulRate.Measure();
            (clock, processor) = (Math.Min(clock, roundClock), Math.Min(processor, roundProcessor));
            (rate, processorRate) = (Math.Max(rate, product.Clock), Math.Max(processorRate, product.Processor));
        }
        double work = pairs.Sum(new Arithmetic(config).NeededPair) * Arithmetic.PassesPerStep(liveReference: true);
        return new StepMeasurement(
            network.parameters().Sum(p => p.numel()), clock * 1000, processor * 1000, pairs.Count / clock, work / clock / rate,
                work / processor / processorRate, held, peak);
    }
}
