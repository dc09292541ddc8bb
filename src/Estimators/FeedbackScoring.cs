using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Scoring of single answers as a batch-wise step on a data view.</summary>
internal sealed class FeedbackScoring(PairScorer scorer, FeedbackScoringColumns columns, int vocabularySize, int batchSize) : IBatchComputation
{
    public IReadOnlyList<InputColumn> Inputs => columns.Inputs;

    public IReadOnlyList<OutputColumn> Outputs => columns.Outputs;

    public int BatchSize => batchSize;

    public IReadOnlyList<bool> Known(IReadOnlyList<bool> isActive) =>
        [.. Outputs.Select((_, output) => output == FeedbackScoringColumns.LogProb || WithRewards(isActive))];

    public IRowBatch CreateBatch(InputRow row, IReadOnlyList<bool> isActive)
    {
        bool withRewards = WithRewards(isActive);
        if (withRewards && !scorer.HasRewards)
        {
            throw new InvalidOperationException(
                "Rewards need the reference model, which this transformer was saved or trained without. Only " +
                $"'{columns.Outputs[FeedbackScoringColumns.LogProb].Name}' can be had; set KeepReference in the trainer's options for the rest.");
        }

        return new Batch(scorer, row, columns.Response.Reader(row, 0, vocabularySize), withRewards);
    }

    private static bool WithRewards(IReadOnlyList<bool> isActive) =>
        isActive[FeedbackScoringColumns.Reward] || isActive[FeedbackScoringColumns.PredictedLabel];

    private sealed class Batch(PairScorer scorer, InputRow row, Func<string, Response> read, bool withRewards) : IRowBatch
    {
        private readonly List<Response> _responses = [];
        private PairScores[] _scores = [];

        public object Results
        {
            get => _scores;
            set
            {
                scorer.ThrowIfReleased();
                _scores = (PairScores[])value;
            }
        }

        public void Clear() => _responses.Clear();

        public void Add() => _responses.Add(read($"row {row.Position + 1}"));

        public void Compute() => _scores = scorer.Score(_responses, rejected: null, withRewards);

        public Delegate CreateGetter(int output, RowPlace place) => output switch
        {
            FeedbackScoringColumns.LogProb => place.Getter(i => (float)_scores[i].Chosen.LogProb),
            FeedbackScoringColumns.Reward => place.Getter(i => (float)_scores[i].Chosen.Reward),
            _ => place.Getter(i => _scores[i].Chosen.Reward > 0),
        };
    }
}
