using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Training.Validation;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Averages over scored pairs.</summary>
internal static class PreferenceEvaluator
{
    // rows that a rank takes before it is the next one's turn: scoring's default batch, so that none is computed twice
    private const int RowsInTurn = 16;

    // places in the sums, behind those of the columns
    private const int Margin = 0, ChosenReward = 1, RejectedReward = 2, ChosenLogProb = 3, RejectedLogProb = 4, Loss = 5, Right = 6, Count = 7, Unscored = 8;

    /// <summary>Reads this rank's part of the rows, and gives every rank the averages over all.</summary>
    public static PreferenceMetrics Evaluate(IDataView data, ScoreColumns columns, ICommunicator communicator)
    {
        double[] sums = Sums(data, columns, communicator);
        RankSums.Complete(communicator, sums, whole: true);
        double count = sums[Count];
        if (count == 0)
            throw new InvalidOperationException($"The data has no scored pair to evaluate ({sums[Unscored]} without a score).");
        (double lower, double upper) = WilsonInterval.Of(sums[Right], (long)count);
        return new PreferenceMetrics
        {
            Count = (long)count, UnscoredCount = (long)sums[Unscored], Accuracy = sums[Right] / count, AccuracyLower = lower, AccuracyUpper = upper,
            MeanMargin = sums[Margin] / count,
            MeanChosenReward = sums[ChosenReward] / count, MeanRejectedReward = sums[RejectedReward] / count,
            MeanChosenLogProb = sums[ChosenLogProb] / count, MeanRejectedLogProb = sums[RejectedLogProb] / count, Loss = sums[Loss] / count,
        };
    }

    private static double[] Sums(IDataView data, ScoreColumns columns, ICommunicator communicator)
    {
        string[] names = [columns.Margin, columns.ChosenReward, columns.RejectedReward, columns.ChosenLogProb, columns.RejectedLogProb];
        DataViewSchema.Column[] bound = [.. names.Select(name => new InputColumn(name, NumberDataViewType.Single).Bind(data.Schema))];
        PreferenceObjective objective = ObjectiveNote.Find(bound[Margin]);
        using DataViewRowCursor cursor = data.GetRowCursor(bound);
        ValueGetter<float>[] getters = [.. bound.Select(column => cursor.GetGetter<float>(column))];
        double[] sums = new double[Unscored + 1];
        float[] values = new float[names.Length];
        long rows = 0;
        for (; cursor.MoveNext(); rows++)
        {
            if (rows / RowsInTurn % communicator.Size != communicator.Rank)
                continue;
            if (rows % RowsInTurn == 0)
                communicator.Activity.Report($"the evaluation, pair {rows + 1}");
            for (int i = 0; i < getters.Length; i++)
                getters[i](ref values[i]);
            float margin = values[Margin];
            if (float.IsNaN(margin))
            {
                sums[Unscored]++;
                continue;
            }
            sums[Count]++;
            sums[Right] += RewardAccuracy.Of(margin, 0);
            ScoredPair scores = new(values[ChosenLogProb], values[RejectedLogProb], values[ChosenReward], values[RejectedReward], margin);
            sums[Loss] += objective.OfScores(scores);
            for (int i = 0; i < values.Length; i++)
                sums[i] += values[i];
        }
        RankAgreement.Require(communicator, [new("Pairs to evaluate", InvariantText.Of(rows))]);
        return sums;
    }
}
