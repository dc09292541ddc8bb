using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Conditions;

/// <summary>What an app does from a file of pairs to saved models, everything in one folder.</summary>
internal sealed class WholeApp
{
    private readonly MLContext _context = new(seed: 1);

    public WholeApp(string folder)
    {
        Folder = folder;
        string data = File("pairs.jsonl");
        System.IO.File.WriteAllLines(data, System.IO.File.ReadLines(
            Path.Combine(TestFiles.RepositoryRoot, "examples", "QuickStart", "data", "train.jsonl")).Take(12));
        string modelFolder = Path.Combine(folder, "model");
        using (PretrainedModel made = SmallModel.Create())
            made.SaveModel(modelFolder);
        using PretrainedModel model = PretrainedModel.Load(modelFolder);

        IDataView pairs = _context.Preferences.LoadFromJsonl(data);
        TransformerChain<DpoTransformer> trained = _context.Transforms.PreparePreferencePairs(model, new() { MaxLength = 96 })
            .Append(_context.Preferences.Trainers.Dpo(new()
            {
                Model = model, LearningRate = 1e-3, LogInterval = 1, Reference = ReferenceMode.Precomputed,
                RunDirectory = new() { Folder = File("run") }, Checkpoints = new() { Folder = File("checkpoints"), EverySteps = 1 },
            })).Fit(pairs);
        using DpoTransformer last = trained.LastTransformer;
        Scores = Read(trained.Transform(pairs));
        last.SaveModel(File("saved"));
        last.SaveCheckpoint(File("saved.pth"));
        _context.Model.Save(trained, pairs.Schema, File("saved.zip"));

        ITransformer loaded = _context.Model.Load(File("saved.zip"), out _);
        LoadedScores = Read(loaded.Transform(pairs));
        ((IDisposable)loaded).Dispose();
        PretrainedModel.Load(File("saved")).Dispose();
    }

    public string Folder { get; }

    /// <summary>The margins of the pairs.</summary>
    public float[] Scores { get; }

    /// <summary>The same of the model that was loaded from ML.NET's file.</summary>
    public float[] LoadedScores { get; }

    /// <summary>A path in the folder.</summary>
    public string File(string name) => Path.Combine(Folder, name);

    private static float[] Read(IDataView scored) => [.. scored.GetColumn<float>("Margin")];
}
