using System.Diagnostics;
using System.Text.Json;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Bench.ModelFile;
using MiniMind.MLNet.Dpo.Bench.ModelLoading;

if (args.Contains("--help") || args.Length is < 1 or > 3)
{
    Console.WriteLine("""
        Writes a model of 1.7 billion random weights (SmolLM2's shape) in bfloat16, loads it, and prints what that took as JSON.
        ModelLoading TOKENIZER_FOLDER [LAYERS] [FOLDER]   24 layers if not said, 3.5 GB on the disk and 7 GB of memory; Linux only
        """);
    return;
}
int layers = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 24;
string parent = args.Length > 2 ? args[2] : Path.GetTempPath();
string folder = Directory.CreateDirectory(Path.Combine(parent, $"model-loading-{Environment.ProcessId}")).FullName;
try
{
    long file = new RandomCheckpoint(layers).Write(folder, args[0]);
    // the runtime's own first uses
    PretrainedModel.CreateRandom(new() { HiddenSize = 64, LayerCount = 1, HeadCount = 1, KeyValueHeadCount = 1 }, args[0], 1).Dispose();
    Stopwatch time = new();
    long parameters = 0;
    long growth = ResidentMemory.Growth(() =>
    {
        time.Start();
        using PretrainedModel model = PretrainedModel.Load(folder);
        time.Stop();
        parameters = model.ParameterCount;
    });
    long weights = parameters * sizeof(float);
    Console.WriteLine(JsonSerializer.Serialize(
        new
        {
            parameters, fileMegabytes = file >> 20, weightMegabytes = weights >> 20, growthMegabytes = growth >> 20,
            growthOverWeights = Math.Round((double)growth / weights, 4), seconds = Math.Round(time.Elapsed.TotalSeconds, 1)
        },
        new JsonSerializerOptions { WriteIndented = true }));
}
finally
{
    Directory.Delete(folder, recursive: true);
}
