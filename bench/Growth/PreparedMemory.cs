using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;

namespace MiniMind.MLNet.Dpo.Bench.Growth;

/// <summary>What prepared pairs take in memory, without model and tokenizer.</summary>
/// <param name="Pairs">How many were usable.</param>
/// <param name="Tokens">Input tokens of both sides together.</param>
/// <param name="Seconds">From the file to memory.</param>
/// <param name="ManagedMegabytes">Growth of the managed heap.</param>
/// <param name="ResidentMegabytes">Growth of the resident set.</param>
/// <param name="PeakMegabytes">The most that was resident while preparing, the program included.</param>
internal sealed record PreparedMemory(int Pairs, long Tokens, double Seconds, double ManagedMegabytes, double ResidentMegabytes, double PeakMegabytes)
{
    public double ManagedBytesPerPair => ManagedMegabytes * (1 << 20) / Pairs;

    public double ManagedBytesPerToken => ManagedMegabytes * (1 << 20) / Tokens;

    public static PreparedMemory Of(PairDemand demand)
    {
        Prepare(demand with { Count = 50 }); // what the program itself takes
        double resident = ResidentMemory.Held(), managed = GC.GetTotalMemory(forceFullCollection: true);
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<PreferenceExample> pairs = Prepare(demand);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, peak = ResidentMemory.Peak;
        double residentGrowth = ResidentMemory.Held() - resident, managedGrowth = (GC.GetTotalMemory(forceFullCollection: true) - managed) / (1 << 20);
        return new PreparedMemory(pairs.Count, pairs.Sum(p => (long)p.Chosen.InputIds.Length + p.Rejected.InputIds.Length), seconds, managedGrowth,
            residentGrowth, peak);
    }

    // a method of its own, so that tokenizer and views are garbage when it returns
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IReadOnlyList<PreferenceExample> Prepare(PairDemand demand)
    {
        MLContext context = new(seed: 1);
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(demand.Tokenizer);
        ChatTemplate template = ChatTemplate.FromTokenizerConfig(File.ReadAllText(Path.Combine(demand.Tokenizer, "tokenizer_config.json")));
        IDataView data = PairFile.Load(context, demand);
        IDataView prepared = context.Transforms.PreparePreferencePairs(template, tokenizer).Fit(data).Transform(data);
        return new PreferenceExampleReader(new PairColumns(), UnusablePairs.Skip, tokenizer.VocabularySize, EndTokens.Of(tokenizer), margin: null)
            .Read(prepared, new SingleProcess(), default).Pairs;
    }
}
