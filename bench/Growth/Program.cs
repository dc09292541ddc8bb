using System.Text.Json;
using MiniMind.MLNet.Dpo.Bench.Growth;

if (args is [ChildProcess.Argument, string kind, string input])
{
    object result = kind switch
    {
        "step" => StepMeasurement.Of(JsonSerializer.Deserialize<StepShape>(input)!),
        "start" => StartUp.Of(JsonSerializer.Deserialize<PairDemand>(input)!),
        "prepared" => PreparedMemory.Of(JsonSerializer.Deserialize<PairDemand>(input)!),
        "prompt" => PromptMeasurement.Of(JsonSerializer.Deserialize<StepShape>(input)!),
        "scoring" => ScoringMeasurement.Of(JsonSerializer.Deserialize<StepShape>(input)!),
        "decoding" => DecodingMeasurement.Of(JsonSerializer.Deserialize<DecodingShape>(input)!),
        _ => throw new ArgumentException($"'{kind}' is not a measurement."),
    };
    Console.WriteLine(JsonSerializer.Serialize(result));
    return;
}
if (args.Contains("--help"))
{
    Console.WriteLine(GrowthOptions.Help);
    return;
}
GrowthOptions options = GrowthOptions.Parse(args);
Console.WriteLine(JsonSerializer.Serialize(
    options.Measurements.ToDictionary(name => name, Measure),
        new JsonSerializerOptions { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase }));

object Measure(string name) => name switch
{
    "length" => Steps(new[] { 256, 512, 1024, 2048 }, length => new StepShape { Prompt = length / 2, Answer = length / 2 }),
    "batch" => Steps(new[] { 1, 2, 4, 8 }, size => new StepShape { Prompt = 256, Answer = 256, BatchSize = size }),
    "model" =>
        Steps([(256, 6), (512, 8), (768, 8)], ((int Hidden, int Layers) model) =>
        new StepShape { Prompt = 256, Answer = 256, Hidden = model.Hidden, Layers = model.Layers }),
    "pairs" => Pairs(),
    "vocabulary" => Vocabulary(),
    "prompt" => Prompts(),
    "scoring" => ChildProcess.Run<ScoringMeasurement>("scoring",
        new StepShape { Prompt = 256, Answer = 256, Threads = options.Threads, Rounds = options.Rounds }),
    _ => ChildProcess.Run<DecodingMeasurement>("decoding", new DecodingShape(768, 8, options.Tokens, options.Threads, options.Rounds)),
};

object Steps<T>(IEnumerable<T> points, Func<T, StepShape> shape) where T : notnull =>
    points.ToDictionary(point => point.ToString()!, point => Step(shape(point)));

StepMeasurement Step(StepShape shape) => ChildProcess.Run<StepMeasurement>("step", shape with { Threads = options.Threads, Rounds = options.Rounds });

object Pairs() => new[] { 1000, 10_000, 28_844 }.ToDictionary(count => count, count =>
{
    PairDemand demand = new(options.Tokenizer, options.Data, count, options.Threads);
    return new { start = ChildProcess.Run<StartUp>("start", demand), prepared = ChildProcess.Run<PreparedMemory>("prepared", demand) };
});

object Prompts() => new[] { (8, 504), (24, 1000), (24, 2024), (256, 768), (256, 256), (512, 512), (768, 256) }.ToDictionary(
    ((int Prompt, int Answer) shape) => $"{shape.Prompt} + {shape.Answer}",
    shape => ChildProcess.Run<PromptMeasurement>("prompt",
        new StepShape { Prompt = shape.Item1, Answer = shape.Item2, Threads = options.Threads, Rounds = options.Rounds }));

object Vocabulary()
{
    StepShape shape = new() { Vocabulary = 151_936, Layers = 2, Prompt = 16, Answer = 512, BatchSize = 1 };
    StepMeasurement plain = Step(shape with { Plain = true });
    object Against(StepMeasurement ours) => new
    {
        ours, peakOfPlain = ours.PeakMegabytes / plain.PeakMegabytes, stepOfPlain = ours.StepMegabytes / plain.StepMegabytes,
        processorTimeOfPlain = ours.ProcessorMilliseconds / plain.ProcessorMilliseconds,
    };
    return new { plain, byDefault = Against(Step(shape)), slicesOf32Megabytes = Against(Step(shape with { LogitsMegabytes = 32 })) };
}
