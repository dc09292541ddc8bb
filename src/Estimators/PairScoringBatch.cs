using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>The pairs that one cursor has collected, and their scores.</summary>
internal sealed class PairScoringBatch(PairScorer scorer, Func<string, Response> chosen, Func<string, Response> rejected, InputRow row, bool withRewards) : IRowBatch
{
    private readonly List<PreferenceExample> _pairs = [];
    private PairScores[] _scores = [];

    public void Clear() => _pairs.Clear();

    public void Add()
    {
        string place = $"row {row.Position + 1}";
        _pairs.Add(new PreferenceExample(chosen(place), rejected(place), 0));
    }

    public void Compute() => _scores = scorer.Score(_pairs, withRewards);

    public Delegate CreateGetter(int output, RowPlace place) => output switch
    {
        PairScoringColumns.ChosenLogProb => place.Getter(i => _scores[i].ChosenLogProb),
        PairScoringColumns.RejectedLogProb => place.Getter(i => _scores[i].RejectedLogProb),
        PairScoringColumns.ChosenReward => place.Getter(i => _scores[i].ChosenReward),
        PairScoringColumns.RejectedReward => place.Getter(i => _scores[i].RejectedReward),
        PairScoringColumns.Margin => place.Getter(i => _scores[i].Margin),
        PairScoringColumns.Probability => place.Getter(i => _scores[i].Probability),
        _ => place.Getter(i => _scores[i].PredictedLabel),
    };
}
