using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>The pairs that one cursor has collected, and their scores.</summary>
/// <param name="scorer">Scores them.</param>
/// <param name="termCount">How many numbers the loss takes of a pair.</param>
/// <param name="row">The live row.</param>
/// <param name="chosen">Reads the chosen side; <see langword="null"/> where no active output needs it.</param>
/// <param name="rejected">Reads the rejected side; <see langword="null"/> where no active output needs it.</param>
/// <param name="withRewards">Whether an active output needs the reference.</param>
internal sealed class PairScoringBatch(PairScorer scorer, int termCount, InputRow row, Func<string, Response>? chosen, Func<string, Response>? rejected,
    bool withRewards) : IRowBatch
{
    private readonly List<Response> _chosen = [], _rejected = [];
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

    public void Clear()
    {
        _chosen.Clear();
        _rejected.Clear();
    }

    public void Add()
    {
        string place = $"row {row.Position + 1}";
        if (chosen is not null)
            _chosen.Add(chosen(place));
        if (rejected is not null)
            _rejected.Add(rejected(place));
    }

    public void Compute() => _scores = scorer.Score(chosen is null ? null : _chosen, rejected is null ? null : _rejected, withRewards);

    public Delegate CreateGetter(int output, RowPlace place) => output switch
    {
        PairScoringColumns.ChosenLogProb => place.Getter(i => (float)_scores[i].Chosen.LogProb),
        PairScoringColumns.RejectedLogProb => place.Getter(i => (float)_scores[i].Rejected.LogProb),
        PairScoringColumns.ChosenReward => place.Getter(i => (float)_scores[i].Chosen.Reward),
        PairScoringColumns.RejectedReward => place.Getter(i => (float)_scores[i].Rejected.Reward),
        PairScoringColumns.Margin => place.Getter(i => (float)_scores[i].Margin),
        PairScoringColumns.Probability => place.Getter(i => (float)scorer.Probability(_scores[i])),
        PairScoringColumns.LossTerms => place.Vector<double>(i => Terms(_scores[i])),
        _ => place.Getter(i => _scores[i].PredictedLabel),
    };

    private double[] Terms(PairScores scores)
    {
        if (scores.Terms is { } terms)
            return terms;
        double[] unknown = new double[termCount];
        Array.Fill(unknown, double.NaN);
        return unknown;
    }
}
