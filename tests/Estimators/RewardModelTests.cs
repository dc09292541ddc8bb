using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

public sealed class RewardModelTests : IDisposable
{
    private readonly MLContext _context = new(seed: 1);
    private readonly string _file = Path.GetTempFileName();

    [Fact]
    public void AsRewardModel_BothSidesOfPairs_OrdersThemAsTheMarginDoesAlsoAfterLoading()
    {
        using PretrainedModel model = SmallModel.Create();
        List<PreferencePair> rows = [.. Enumerable.Range(0, 8)
            .Select(i => PreferencePair.FromPrompt($"Question number {i}?", $"A good answer, {i * 7}.", $"No. {i}"))];
        IDataView pairs = _context.Data.LoadFromEnumerable(rows);
        using TransformerChain<DpoTransformer> trained = _context.Transforms.PreparePreferencePairs(model)
            .Append(_context.Preferences.Trainers.Dpo(new DpoTrainer.Options { Model = model, LearningRate = 1e-3, Epochs = 2 })).Fit(pairs);
        float[] margins = [.. trained.Transform(pairs).GetColumn<float>("Margin")];

        ITransformer reward = trained.LastTransformer.AsRewardModel("Score", "Text");
        float[] chosen = Rewards(reward, rows.Select(r => r.Chosen)), rejected = Rewards(reward, rows.Select(r => r.Rejected));

        for (int i = 0; i < margins.Length; i++)
            (chosen[i] - rejected[i]).Should().BeApproximately(margins[i], 1e-5f, "the reward of one conversation is that of its side of the pair");
        margins.Should().NotContain(0);
        _context.Model.Save(reward, null, _file);
        Rewards(_context.Model.Load(_file, out _), rows.Select(r => r.Chosen)).Should().Equal(chosen);
    }

    [Fact]
    public void AsRewardModel_WithoutReference_IsRefused()
    {
        using PretrainedModel model = SmallModel.Create();
        using DpoTransformer trained = _context.Preferences.Trainers.Dpo(new DpoTrainer.Options { Model = model, KeepReference = false })
            .Fit(SmallModel.Pairs(_context, 3));

        trained.Invoking(t => t.AsRewardModel()).Should().Throw<InvalidOperationException>().WithMessage("*KeepReference*");
    }

    [Fact]
    public void Predict_FromFourThreads_GivesTheSameThousandScores()
    {
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = SmallModel.Pairs(_context, 10);
        using DpoTransformer trained = _context.Preferences.Trainers.Dpo(new DpoTrainer.Options { Model = model, LearningRate = 1e-3 }).Fit(pairs);
        List<PreparedPair> rows = [.. _context.Data.CreateEnumerable<PreparedPair>(pairs, reuseRowObject: false)];
        float[][] scores = new float[4][];

        Thread[] threads = [.. Enumerable.Range(0, 4).Select(t => new Thread(() =>
        {
            using PredictionEngine<PreparedPair, PreferenceScore> engine = _context.Model.CreatePredictionEngine<PreparedPair,
                PreferenceScore>(trained, new PredictionEngineOptions { OwnsTransformer = false });
            scores[t] = [.. Enumerable.Range(0, 250).Select(i => engine.Predict(rows[i % rows.Count]).Margin)];
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();

        foreach (float[] other in scores)
            other.Should().Equal(scores[0]);
        scores[0].Take(10).Should().OnlyHaveUniqueItems();
    }

    public void Dispose() => File.Delete(_file);

    private float[] Rewards(ITransformer reward, IEnumerable<string> conversations) =>
        [.. reward.Transform(_context.Data.LoadFromEnumerable(conversations.Select(c => new Row { Text = c }))).GetColumn<float>("Score")];

    private sealed class Row
    {
        public string Text { get; set; } = "";
    }
}
