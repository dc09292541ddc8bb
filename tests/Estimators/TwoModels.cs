using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;
using MiniMind.MLNet.Dpo.Tests.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>Two whole chains that score the same pair differently, as files of equal length.</summary>
internal sealed class TwoModels : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _context = new(seed: 1);

    public TwoModels(ModelConfig? config = null)
    {
        Files = [Save(1, config), Save(2, config)];
        Scores = [.. Files.Select(Score)];
        Margins = [.. Scores.Select(score => score.Margin)];
    }

    public static PreferencePair Pair { get; } = PreferencePair.FromPrompt("When do you open?", "At six. Have a lovely day!", "It is written on the door.");

    /// <summary>The models' files.</summary>
    public string[] Files { get; }

    /// <summary>What each says of <see cref="Pair"/>.</summary>
    public PreferenceScore[] Scores { get; }

    /// <summary>The margin of each.</summary>
    public float[] Margins { get; }

    /// <summary>A place for a file.</summary>
    public string Place(string name = "served.zip") => _folder.File(name);

    /// <summary>Puts a model where another one is, beside it first.</summary>
    public void Rename(int model, string path)
    {
        File.Copy(Files[model], path + ".new", overwrite: true);
        File.Move(path + ".new", path, overwrite: true);
    }

    public void Dispose() => _folder.Dispose();

    private string Save(int seed, ModelConfig? config)
    {
        using PretrainedModel model = SmallModel.Create(seed, config);
        IDataView pairs = _context.Data.LoadFromEnumerable(
            SmallChat.Pairs.Select(pair => new PreferencePair { Chosen = pair.Chosen, Rejected = pair.Rejected }));
        using TransformerChain<DpoTransformer> trained = _context.Transforms.PreparePreferencePairs(model)
            .Append(_context.Preferences.Trainers.Dpo(new DpoTrainer.Options { Model = model, LearningRate = 1e-3 })).Fit(pairs);
        string path = _folder.File($"{seed}.zip");
        _context.Model.SaveAtomically(trained, pairs.Schema, path);
        return path;
    }

    private PreferenceScore Score(string path)
    {
        using PredictionEngine<PreferencePair, PreferenceScore> engine = _context.Model.CreatePredictionEngine<PreferencePair, PreferenceScore>(
            _context.Preferences.LoadModel(path));
        return engine.Predict(Pair);
    }
}
