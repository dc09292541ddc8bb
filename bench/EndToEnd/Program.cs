using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Bench.EndToEnd;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Training.Distributed;
using TorchSharp;

if (args.Contains("--help"))
{
    Console.WriteLine(BenchOptions.Help);
    return;
}
BenchOptions options = BenchOptions.Parse(args);
ModelConfig config = new() { VocabularySize = 6400, HiddenSize = options.Hidden, LayerCount = options.Layers };
using PretrainedModel model = PretrainedModel.CreateRandom(config, options.Tokenizer, seed: 1);
torch.set_num_threads(options.Threads);

MLContext context = new(seed: 1);
long start = Stopwatch.GetTimestamp();
IDataView data = context.Preferences.LoadFromJsonl(options.Data);
IDataView prepared = context.Transforms.PreparePreferencePairs(model, new PreferencePreparationOptions { MaxLength = options.MaxLength }).Fit(data).Transform(data);
(IReadOnlyList<PreferenceExample> all, IReadOnlyList<SkippedPair> skipped) = new PreferenceExampleReader(new PairColumns(), UnusablePairs.Skip, config.VocabularySize).Read(prepared, new SingleProcess().Activity, default);
double preparation = Stopwatch.GetElapsedTime(start).TotalSeconds;
long allTokens = all.Sum(p => (long)p.Chosen.InputIds.Length + p.Rejected.InputIds.Length);
PreferenceExample[] pairs = [.. Enumerable.Range(0, Math.Min(options.Pairs, all.Count)).Select(i => all[(int)((long)i * all.Count / Math.Min(options.Pairs, all.Count))])];

Arithmetic arithmetic = new(config);
double padded = all.Sum(_ => arithmetic.PaddedPair(options.MaxLength - 1)), needed = all.Sum(arithmetic.NeededPair), unshared = all.Sum(arithmetic.UnsharedPair);
double subsetPadded = pairs.Sum(_ => arithmetic.PaddedPair(options.MaxLength - 1)), subsetNeeded = pairs.Sum(arithmetic.NeededPair);

IReadOnlyList<Lever> levers = options.EveryLever ? Lever.OneByOne : [Lever.Plain, Lever.All];
StepTimer[] timers = [.. levers.Select(lever => new StepTimer(model.Network.Network, pairs, lever, options.MaxLength, options.BatchSize))];
int[][] batches = [.. Enumerable.Range(0, pairs.Length).Chunk(options.BatchSize)];
double[] seconds = new double[levers.Count];
double rate = 0, bf16Rate = 0;
foreach (StepTimer timer in timers) timer.Step(batches[0]);
for (int round = 0; round < options.Rounds; round++)
{
    foreach (int[] batch in batches)
    {
        for (int i = 0; i < timers.Length; i++) seconds[i] += timers[i].Step(batch);
    }
    rate = Math.Max(rate, MatmulRate.Measure());
    bf16Rate = Math.Max(bf16Rate, MatmulRate.Measure(torch.ScalarType.BFloat16));
}

int steps = batches.Length * options.Rounds;
long realTokens = pairs.Sum(p => (long)p.Chosen.InputIds.Length + p.Rejected.InputIds.Length) * options.Rounds;
Console.WriteLine(JsonSerializer.Serialize(new
{
    options,
    parameters = model.ParameterCount,
    data = new { pairs = all.Count, skipped = skipped.Count, tokens = allTokens, preparationSeconds = preparation, tokensPerSecond = allTokens / preparation },
    arithmeticBound = new { wholeFile = padded / needed, measuredPairs = subsetPadded / subsetNeeded, prefixSharingAlone = unshared / needed },
    matmulGigaflops = new { fp32 = rate / 1e9, bf16 = bf16Rate / 1e9 },
    ways = levers.Select((lever, i) => new
    {
        lever.Name,
        pairsPerSecond = pairs.Length * options.Rounds / seconds[i],
        realTokensPerSecond = realTokens / seconds[i],
        millisecondsPerStep = seconds[i] / steps * 1000,
        againstPlain = seconds[0] / seconds[i],
        usefulGigaflops = subsetNeeded * options.Rounds * Arithmetic.PassesPerStep(lever.LiveReference) / seconds[i] / 1e9,
        utilisation = (lever.Shape == BatchShape.PaddedToMaximum ? subsetPadded : subsetNeeded) * options.Rounds * Arithmetic.PassesPerStep(lever.LiveReference) / seconds[i]
            / (lever.Type == torch.ScalarType.BFloat16 ? bf16Rate : rate),
    }),
    ofBound = seconds[0] / seconds[levers.ToList().IndexOf(Lever.All)] / (subsetPadded / subsetNeeded),
    peakResidentMegabytes = Process.GetCurrentProcess().PeakWorkingSet64 >> 20,
}, new JsonSerializerOptions { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase }));
foreach (StepTimer timed in timers) timed.Dispose();
