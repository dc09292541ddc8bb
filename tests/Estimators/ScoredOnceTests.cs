using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;

namespace MiniMind.MLNet.Dpo.Tests.Estimators;

/// <summary>Stock trainers read our scores many times, and the networks run once for each row; counted at their embeddings.</summary>
public sealed class ScoredOnceTests : IDisposable
{
    private const int Rows = 40;
    private readonly MLContext _context = new(seed: 1);
    private readonly PretrainedModel _model = SmallModel.Create();

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Fit_StockTrainerBehindPairScores_RunsThePolicyOnceForEachRow()
    {
        IDataView pairs = SmallModel.Pairs(_context, Rows);
        using DpoTransformer scorer = _context.Preferences.Trainers.Dpo(new() { Model = _model, LearningRate = 1e-3 }).Fit(pairs);
        using PretrainedModel policy = scorer.AsModel();
        RowCount passes = Count(policy, () => Margins(scorer.Transform(pairs)), out int once);
        IDataView scored = scorer.Transform(pairs);

        ITransformer trained = Classifier(nameof(PreferenceScore.PredictedLabel), nameof(PreferenceScore.Margin), nameof(PreferenceScore.ChosenLogProb))
            .Fit(scored);
        _ = trained.Transform(scored).GetColumn<float>("Score").ToList();
        _ = _context.Preferences.Evaluate(scored);

        passes.Rows.Should().Be(once, "the trainer reads its features many times");
    }

    [Fact]
    public void Fit_StockTrainerBehindFeedbackScores_RunsThePolicyOnceForEachRow()
    {
        IDataView answers = FeedbackRows.Prepared(_context, Rows);
        using KtoTransformer scorer = _context.Preferences.Trainers.Kto(new() { Model = _model, LearningRate = 1e-3 }).Fit(answers);
        using PretrainedModel policy = scorer.AsModel();
        RowCount passes = Count(policy, () => Rewards(scorer.Transform(answers)), out int once);
        IDataView scored = scorer.Transform(answers);

        ITransformer trained = Classifier("Label", nameof(FeedbackScore.Reward), nameof(FeedbackScore.LogProb)).Fit(scored);
        _ = trained.Transform(scored).GetColumn<float>("Score").ToList();
        _ = _context.Preferences.EvaluateFeedback(scored);

        passes.Rows.Should().Be(once);
    }

    [Fact]
    public void Fit_StockTrainerBehindARewardModel_RunsThePolicyOnceForEachRow()
    {
        using DpoTransformer scorer = _context.Preferences.Trainers.Dpo(new() { Model = _model }).Fit(SmallModel.Pairs(_context, 4));
        ITransformer rewards = scorer.AsRewardModel();
        using IDisposable owned = (IDisposable)rewards;
        IDataView conversations = _context.Data.LoadFromEnumerable(Enumerable.Range(0, 20).Select(i => new Told
        {
            Conversation = $$"""[{"role": "user", "content": "how many?"}, {"role": "assistant", "content": "{{i}} of {{i % 3}}"}]""",
            Label = i % 2 == 0,
        }).ToList());
        using PretrainedModel policy = scorer.AsModel();
        RowCount passes = Count(policy, () => _ = rewards.Transform(conversations).GetColumn<float>("Reward").ToList(), out int once);

        _ = Classifier("Label", "Reward").Fit(rewards.Transform(conversations));

        passes.Rows.Should().Be(once);
    }

    [Fact]
    public void Transform_ReadTwice_GivesTheSameBitsInEveryColumn()
    {
        IDataView pairs = SmallModel.Pairs(_context, Rows);
        using DpoTransformer scorer = _context.Preferences.Trainers.Dpo(new() { Model = _model, LearningRate = 1e-3 }).Fit(pairs);
        IDataView scored = scorer.Transform(pairs);

        Scored[] first = Read(scored), again = Read(scored), fresh = Read(scorer.Transform(pairs));

        again.Should().BeEquivalentTo(first, options => options.WithStrictOrdering());
        fresh.Should().BeEquivalentTo(first, options => options.WithStrictOrdering());
        first.Select(row => row.Margin).Distinct().Should().HaveCountGreaterThan(Rows / 2);
    }

    [Fact]
    public void Transform_ReaderWritesIntoAVectorThatItGot_TheNextReaderGetsTheScores()
    {
        IDataView pairs = SmallModel.Pairs(_context, 3);
        using DpoTransformer scorer = _context.Preferences.Trainers.Dpo(new() { Model = _model, LearningRate = 1e-3 }).Fit(pairs);
        IDataView scored = scorer.Transform(pairs);
        double[][] before = [.. scored.GetColumn<VBuffer<double>>(Terms).Select(terms => terms.DenseValues().ToArray())];

        using (DataViewRowCursor cursor = scored.GetRowCursor([scored.Schema[Terms]]))
        {
            cursor.MoveNext();
            VBuffer<double> terms = default;
            cursor.GetGetter<VBuffer<double>>(scored.Schema[Terms])(ref terms);
            VBufferEditor<double> editor = VBufferEditor.Create(ref terms, terms.Length);
            editor.Values.Fill(-1);
        }

        scored.GetColumn<VBuffer<double>>(Terms).Select(terms => terms.DenseValues().ToArray()).Should().BeEquivalentTo(before);
    }

    [Fact]
    public void GetGetter_TransformerWasDisposed_ThrowsForScoresThatWereReadBeforeToo()
    {
        IDataView pairs = SmallModel.Pairs(_context, 8);
        DpoTransformer scorer = _context.Preferences.Trainers.Dpo(new() { Model = _model }).Fit(pairs);
        IDataView scored = scorer.Transform(pairs);
        Margins(scored);

        scorer.Dispose();

        FluentActions.Invoking(() => Margins(scored)).Should().Throw<ObjectDisposedException>();
    }

    private static string Terms => nameof(Scored.LossTerms);

    private IEstimator<ITransformer> Classifier(string label, params string[] features) => _context.Transforms.Concatenate("Features", features)
        .Append(_context.Transforms.NormalizeMeanVariance("Features"))
        .Append(_context.BinaryClassification.Trainers.SdcaLogisticRegression(label, maximumNumberOfIterations: 20));

    private static void Margins(IDataView scored) => _ = scored.GetColumn<float>(nameof(PreferenceScore.Margin)).ToList();

    private static void Rewards(IDataView scored) => _ = scored.GetColumn<float>(nameof(FeedbackScore.Reward)).ToList();

    private Scored[] Read(IDataView scored) => [.. _context.Data.CreateEnumerable<Scored>(scored, reuseRowObject: false)];

    private static RowCount Count(PretrainedModel policy, Action pass, out int once)
    {
        RowCount rows = new(policy.Network.Network);
        pass();
        once = rows.Rows;
        once.Should().BePositive();
        rows.Reset();
        return rows;
    }

    private sealed class Told
    {
        public string Conversation { get; set; } = "";

        public bool Label { get; set; }
    }

    private sealed class Scored
    {
        public float ChosenLogProb { get; set; }

        public float RejectedLogProb { get; set; }

        public float ChosenReward { get; set; }

        public float RejectedReward { get; set; }

        public float Margin { get; set; }

        public float Probability { get; set; }

        public bool PredictedLabel { get; set; }

        [VectorType]
        public double[] LossTerms { get; set; } = [];
    }
}
