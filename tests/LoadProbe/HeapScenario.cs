using System.Runtime.InteropServices;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.LoadProbe;

/// <summary>What the steps of a run give back of blocks that were freed between others, in a process that has done nothing else (glibc).</summary>
internal static unsafe class HeapScenario
{
    private const int Blocks = 3072, Size = 64 << 10; // 192 MiB, each smaller than what glibc maps

    /// <summary>Trains, and writes the usual interval's seconds, the bytes that glibc kept of the blocks, and those that came back by the next step.</summary>
    /// <param name="tokenizerFolder">Holds the tokenizer's files.</param>
    /// <param name="interval">Between two trims; <see langword="null"/> for the usual one.</param>
    public static int Run(string tokenizerFolder, TimeSpan? interval)
    {
        TimeSpan usual = NativeHeap.Interval;
        NativeHeap.Interval = interval ?? usual;
        long start = 0, freed = 0, after = 0;
        MLContext context = new(seed: 1);
        ModelConfig config = new() { HiddenSize = 32, LayerCount = 1, HeadCount = 2, KeyValueHeadCount = 1, VocabularySize = 1024, MaxPositions = 128 };
        using PretrainedModel model = PretrainedModel.CreateRandom(config, tokenizerFolder, seed: 1);
        Reports progress = new(report =>
        {
            if (report.Step == 2)
                (start, freed) = (Environment.WorkingSet, FreeBlocks());
            else if (report.Step == 3)
                after = report.ResidentBytes;
        });
        using DpoTransformer trained = new DpoTrainer(context, new() { Model = model, LogInterval = 1, BatchSize = 4, Progress = progress })
            .Fit(context.Data.LoadFromEnumerable(ForecastRow.Make(16, 1024, 32).ToList()));
        Console.WriteLine(FormattableString.Invariant($"{usual.TotalSeconds} {freed - start} {freed - after}"));
        return 0;
    }

    /// <summary>Fills and frees blocks, between which small ones stay.</summary>
    /// <returns>What is resident then.</returns>
    private static long FreeBlocks()
    {
        nint[] blocks = new nint[Blocks];
        for (int i = 0; i < Blocks; i++)
        {
            blocks[i] = (nint)NativeMemory.Alloc(Size);
            NativeMemory.Fill((void*)blocks[i], Size, 1);
            _ = NativeMemory.Alloc(512); // stays until the process ends
        }
        foreach (nint block in blocks)
            NativeMemory.Free((void*)block);
        return Environment.WorkingSet;
    }

    private sealed class Reports(Action<DpoProgress> report) : IProgress<DpoProgress>
    {
        public void Report(DpoProgress value) => report(value);
    }
}
