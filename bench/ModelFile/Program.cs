using System.Text.Json;
using Microsoft.ML;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Bench.ModelFile;
using MiniMind.MLNet.Dpo.Modeling;

if (args.Contains("--help") || args.Length is < 1 or > 2)
{
    Console.WriteLine("""
        Saves and loads a model of 256 MB (MiniMind's default shape, fp32) and compares with a plain copy of the file; prints JSON.
        ModelFile TOKENIZER_FOLDER [ROUNDS]   five rounds if not said; Linux only
        """);
    return;
}
int rounds = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 5;
string folder = Directory.CreateTempSubdirectory("model-file-").FullName;
string zip = Path.Combine(folder, "model.zip"), copy = Path.Combine(folder, "copy.zip");
try
{
    MLContext context = new(seed: 1);
    TrainingSummary summary = new()
    {
        Examples = 0, Skipped = [], BadRows = null, Steps = 0, History = [], Elapsed = default,
        Precision = ComputePrecision.Fp32, Device = "cpu"
    };
    using SftTransformer transformer = new(PretrainedModel.CreateRandom(new ModelConfig(), args[0], seed: 1), summary);
    long weights = transformer.Model.ParameterCount * sizeof(float);
    void Save() => context.Model.Save(transformer, inputSchema: null, zip);
    void Load() => ((IDisposable)context.Model.Load(zip, out _)).Dispose();

    Save();
    Load();
    List<double> saves = [], loads = [], copies = [];
    for (int i = 0; i < rounds; i++)
    {
        copies.Add(DiskTimer.Write(copy, () => DiskTimer.Copy(zip, copy)));
        saves.Add(DiskTimer.Write(zip, Save));
        loads.Add(DiskTimer.Read(Load));
    }
    long saveGrowth = ResidentMemory.Growth(Save), resident = ResidentMemory.Now;
    long loadGrowth = ResidentMemory.Growth(Load);
    Dictionary<string, long> folders = [];
    foreach (WeightPrecision precision in (WeightPrecision[])[WeightPrecision.Float32, WeightPrecision.Float16])
    {
        string saved = Path.Combine(folder, precision.ToString());
        transformer.Model.SaveModel(saved, precision);
        folders.Add($"safetensors {precision}", ResidentMemory.Growth(() => PretrainedModel.Load(saved).Dispose()) >> 20);
        string checkpoint = Path.Combine(folder, $"{precision}.pth");
        transformer.Model.SaveCheckpoint(checkpoint, precision);
        folders.Add($"pth {precision}", ResidentMemory.Growth(() => PretrainedModel.LoadCheckpoint(checkpoint, new ModelConfig(), args[0]).Dispose()) >> 20);
    }
    double copied = DiskTimer.Median(copies);
    Console.WriteLine(JsonSerializer.Serialize(new
    {
        rounds,
        weightsMegabytes = weights >> 20,
        fileMegabytes = new FileInfo(zip).Length >> 20,
        seconds = new { copy = copied, save = DiskTimer.Median(saves), load = DiskTimer.Median(loads) },
        againstCopy = new { save = DiskTimer.Median(saves) / copied, load = DiskTimer.Median(loads) / copied },
        range = new { copy = new[] { copies.Min(), copies.Max() }, save = new[] { saves.Min(), saves.Max() }, load = new[] { loads.Min(), loads.Max() } },
        residentMegabytes = resident >> 20,
        growthMegabytes = new { save = saveGrowth >> 20, load = loadGrowth >> 20, loadingFolders = folders },
    }, new JsonSerializerOptions { WriteIndented = true }));
}
finally
{
    Directory.Delete(folder, recursive: true);
}
