using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Bench.EndToEnd;
using MiniMind.MLNet.Dpo.CpuKernels.Native;
using MiniMind.MLNet.Dpo.Estimators;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Training.Distributed;
using TorchSharp;

if (args.Contains("--help"))
{
    Console.WriteLine(BenchOptions.Help);
    return;
}
BenchOptions options = BenchOptions.Parse(args);
ModelConfig config = new() { VocabularySize = 6400, HiddenSize = options.Hidden, LayerCount = options.Layers };
if (options.Experts > 0)
{
    ExpertsConfig experts = new() { Count = options.Experts, PerToken = options.PerToken, IntermediateSize = config.IntermediateSize };
    config = config with { Experts = experts };
}
using PretrainedModel model = PretrainedModel.CreateRandom(config, options.Tokenizer, seed: 1);
torch.set_num_threads(options.Threads);
using NativeHeap heap = new(keepBlocks: true); // as a trainer does

MLContext context = new(seed: 1);
long start = Stopwatch.GetTimestamp();
IDataView data = context.Preferences.LoadFromJsonl(options.Data);
IDataView prepared = context.Transforms.PreparePreferencePairs(model, new PreferencePreparationOptions { MaxLength = options.MaxLength }).Fit(data)
    .Transform(data);
(IReadOnlyList<PreferenceExample> all, IReadOnlyList<SkippedPair> skipped, _) =
    new PreferenceExampleReader(new PairColumns(), UnusablePairs.Skip, config.VocabularySize, EndTokens.Of(model.Tokenizer), margin: null)
        .Read(prepared, new SingleProcess(), default);
double preparation = Stopwatch.GetElapsedTime(start).TotalSeconds;
long allTokens = all.Sum(p => (long)p.Chosen.InputIds.Length + p.Rejected.InputIds.Length);
PreferenceExample[] pairs = [.. Enumerable.Range(0, Math.Min(options.Pairs, all.Count))
    .Select(i => all[(int)((long)i * all.Count / Math.Min(options.Pairs, all.Count))])];

Arithmetic arithmetic = new(config);
double padded = all.Sum(_ => arithmetic.PaddedPair(options.MaxLength - 1)), needed = all.Sum(arithmetic.NeededPair),
    unshared = all.Sum(arithmetic.UnsharedPair);
double subsetPadded = pairs.Sum(_ => arithmetic.PaddedPair(options.MaxLength - 1)), subsetNeeded = pairs.Sum(arithmetic.NeededPair);

IReadOnlyList<Lever> levers = [.. (options.EveryLever ? Lever.OneByOne : [Lever.Plain, Lever.All])
    .Where(lever => lever.Name.StartsWith(options.Only ?? "", StringComparison.Ordinal))];
if (levers.Count == 0)
    throw new ArgumentException($"No way's name begins with '{options.Only}'.");
using TrainedModel trained = new(model.Network.Network);
StepTimer[] timers = [.. levers.Select(lever => new StepTimer(trained, pairs, lever, options.MaxLength, options.BatchSize))];
int[][] batches = [.. Enumerable.Range(0, pairs.Length).Chunk(options.BatchSize)];
(double Clock, double Processor)[] seconds = new (double, double)[levers.Count];
(double Clock, double Processor) rate = default, bf16Rate = default;
foreach (StepTimer timer in timers)
    timer.Step(batches[0]);
for (int round = 0; round < options.Rounds; round++)
{
    foreach (int[] batch in batches)
    {
        for (int i = 0; i < timers.Length; i++)
        {
            (double clock, double processor) = timers[i].Step(batch);
            seconds[i] = (seconds[i].Clock + clock, seconds[i].Processor + processor);
        }
        heap.Settle();
        rate = Faster(rate, MatmulRate.Measure());
        bf16Rate = Faster(bf16Rate, MatmulRate.Measure(torch.ScalarType.BFloat16));
    }
}

int plain = levers.ToList().IndexOf(Lever.Plain), every = levers.ToList().IndexOf(Lever.All), once = levers.ToList().IndexOf(Lever.ReferenceOnce);
int steps = batches.Length * options.Rounds;
long realTokens = pairs.Sum(p => (long)p.Chosen.InputIds.Length + p.Rejected.InputIds.Length) * options.Rounds;
double referenceSeconds = once < 0 ? double.NaN : Enumerable.Range(0, options.Rounds).Min(_ => timers[once].Reference());
double? Ratio(int slow, int fast, Func<(double Clock, double Processor), double> by) => slow < 0 || fast < 0 ? null : by(seconds[slow]) / by(seconds[fast]);
Console.WriteLine(JsonSerializer.Serialize(new
{
    options,
    parameters = model.ParameterCount,
    data = new { pairs = all.Count, skipped = skipped.Count, tokens = allTokens, preparationSeconds = preparation, tokensPerSecond = allTokens / preparation },
    arithmeticBound = new { wholeFile = padded / needed, measuredPairs = subsetPadded / subsetNeeded, prefixSharingAlone = unshared / needed },
    matmulGigaflops = new
    {
        fp32 = rate.Clock / 1e9, bf16 = bf16Rate.Clock / 1e9, fp32PerProcessor = rate.Processor / 1e9,
        bf16PerProcessor = bf16Rate.Processor / 1e9
    },
    ways = levers.Select((lever, i) => new
    {
        lever.Name,
        pairsPerSecond = pairs.Length * options.Rounds / seconds[i].Clock,
        realTokensPerSecond = realTokens / seconds[i].Clock,
        millisecondsPerStep = seconds[i].Clock / steps * 1000,
        processorMillisecondsPerStep = seconds[i].Processor / steps * 1000,
        againstPlain = Ratio(plain, i, time => time.Clock),
        againstPlainInProcessorTime = Ratio(plain, i, time => time.Processor),
        usefulGigaflops = Useful(lever) / seconds[i].Clock / 1e9,
        utilisation = Useful(lever) / seconds[i].Clock / Rate(lever).Clock,
        utilisationInProcessorTime = Useful(lever) / seconds[i].Processor / Rate(lever).Processor,
        ownUtilisation = Own(lever) / seconds[i].Clock / Rate(lever).Clock,
    }),
    ofBound = Ratio(plain, every, time => time.Clock) / (subsetPadded / subsetNeeded),
    ofBoundInProcessorTime = Ratio(plain, every, time => time.Processor) / (subsetPadded / subsetNeeded),
    threeEpochs = every < 0 || once < 0 ? null : new
    {
        referenceSeconds, // over all pairs, before the first step
        liveAgainstOnce = 3 * seconds[every].Clock / options.Rounds / (referenceSeconds + 3 * seconds[once].Clock / options.Rounds),
        liveAgainstOnceInAnEpochAfterThat = Ratio(every, once, time => time.Clock),
    },
    peakResidentMegabytes = Process.GetCurrentProcess().PeakWorkingSet64 >> 20, // of all ways together; with --only, of those
}, new JsonSerializerOptions { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase }));

static (double, double) Faster((double Clock, double Processor) a, (double Clock, double Processor) b) =>
    (Math.Max(a.Clock, b.Clock), Math.Max(a.Processor, b.Processor));

// what the loss needs, whatever a way does besides
double Useful(Lever lever) => subsetNeeded * options.Rounds * Arithmetic.PassesPerStep(lever.LiveReference);

// what a way does, padding and labels that do not count included
double Own(Lever lever) => batches.Sum(batch => LeverArithmetic.Of(arithmetic, lever, [.. batch.Select(i => pairs[i])], options.MaxLength - 1))
    * options.Rounds * Arithmetic.PassesPerStep(lever.LiveReference);

(double Clock, double Processor) Rate(Lever lever) => lever.Type == torch.ScalarType.BFloat16 ? bf16Rate : rate;
