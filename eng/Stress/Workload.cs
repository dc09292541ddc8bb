using System.Security.Cryptography;
using Microsoft.Extensions.AI;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace MiniMind.MLNet.Dpo.Stress;

/// <summary>What the threads do: two trainings of different settings, scores of a pair, an answer.</summary>
public sealed class Workload : IDisposable
{
    private static readonly PreferencePair s_pair = PreferencePair.FromPrompt("What is the capital of France?", chosen: "Paris.", rejected: "I do not care.");
    private readonly StressOptions _options;
    private readonly PretrainedModel _model;
    private readonly MLContext _context = new(seed: 42);
    private readonly IDataView _prepared;
    private readonly TransformerChain<DpoTransformer> _scorer;
    private readonly IChatClient _chat;

    /// <summary>Loads the model, prepares the pairs and trains what scores and chats.</summary>
    public Workload(StressOptions options)
    {
        _options = options;
        _model = PretrainedModel.Load(options.Model);
        IDataView pairs = _context.Data.TakeRows(_context.Preferences.LoadFromJsonl(options.Data), options.Pairs);
        IEstimator<ITransformer> preparation = _context.Transforms.PreparePreferencePairs(_model, new PreferencePreparationOptions { MaxLength = 160 });
        _prepared = _context.Data.Cache(preparation.Fit(pairs).Transform(pairs));
        _scorer = preparation.Append(_context.Preferences.Trainers.Dpo(new DpoTrainer.Options { Model = _model, LearningRate = 1e-4 }))
            .Fit(_context.Data.TakeRows(pairs, 4));
        _chat = _scorer.LastTransformer.AsChatClient(new GenerationOptions { Temperature = 0, TopP = 1, TopK = 0, MaxNewTokens = 12 });
    }

    /// <summary>Trains and gives the SHA-256 of the weights.</summary>
    /// <param name="number">Which of the trainings: they differ in threads, kernels, optimizer and seed.</param>
    public string Fit(int number)
    {
        int threads = _options.Threads[number];
        DpoTrainer.Options options = new() { Model = _model, LearningRate = 1e-4, MaxLength = 160, LogInterval = 1, Threads = threads == 0 ? null : threads };
        options = number == 0
            ? options with { Seed = 1 }
            : options with { Seed = 2, FusedKernels = false, Optimizer = OptimizerOptions.RmsProp() };
        using DpoTransformer trained = _context.Preferences.Trainers.Dpo(options).Fit(_prepared);
        string folder = Path.Combine(Path.GetTempPath(), "minimind-stress-" + Path.GetRandomFileName());
        try
        {
            trained.SaveModel(folder);
            return Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, "model.safetensors"))))[..16];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Scores a pair.</summary>
    public string Predict()
    {
        using PredictionEngine<PreferencePair, PreferenceScore> engine = _context.Model.CreatePredictionEngine<PreferencePair, PreferenceScore>(_scorer);
        PreferenceScore score = engine.Predict(s_pair);
        return $"{score.ChosenLogProb:R} {score.Margin:R}";
    }

    /// <summary>Asks a question.</summary>
    public string Chat() => _chat.GetResponseAsync("Why is the sky blue?").GetAwaiter().GetResult().Text;

    /// <summary>Trains in other ways, saves and loads.</summary>
    public void TakeOtherPaths() => OtherPaths.Run(_options.Model, _model, _context.Data.TakeRows(_prepared, 4));

    public void Dispose()
    {
        _chat.Dispose();
        _scorer.LastTransformer.Dispose();
        _model.Dispose();
    }
}
