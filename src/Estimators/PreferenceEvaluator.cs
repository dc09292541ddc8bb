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
    private const int Margin = 0, ChosenReward = 1, RejectedReward = 2, ChosenLogProb = 3, RejectedLogProb = 4, Loss = 5, Right = 6, Weight = 7, Squares = 8,
        Count = 9, Unscored = 10;

    /// <summary>Reads this rank's part of the rows, and gives every rank the averages over all.</summary>
    public static PreferenceMetrics Evaluate(IDataView data, ScoreColumns columns, ICommunicator communicator)
    {
        double[] sums = Sums(data, columns, communicator);
        RankSums.Complete(communicator, sums, whole: true);
        double weight = sums[Weight];
        if (weight == 0)
            throw new InvalidOperationException($"The data has no scored pair to evaluate ({sums[Unscored]} without a score).");
        (double lower, double upper) = WilsonInterval.OfShare(sums[Right] / weight, EffectiveCount.Of(weight, sums[Squares]));
        return new PreferenceMetrics
        {
            Count = (long)sums[Count], UnscoredCount = (long)sums[Unscored], Accuracy = sums[Right] / weight, AccuracyLower = lower, AccuracyUpper = upper,
            MeanMargin = sums[Margin] / weight,
            MeanChosenReward = sums[ChosenReward] / weight, MeanRejectedReward = sums[RejectedReward] / weight,
            MeanChosenLogProb = sums[ChosenLogProb] / weight, MeanRejectedLogProb = sums[RejectedLogProb] / weight, Loss = sums[Loss] / weight,
        };
    }

    private static double[] Sums(IDataView data, ScoreColumns columns, ICommunicator communicator)
    {
        string[] names = [columns.Margin, columns.ChosenReward, columns.RejectedReward, columns.ChosenLogProb, columns.RejectedLogProb];
        DataViewSchema.Column[] bound = [.. names.Select(name => new InputColumn(name, NumberDataViewType.Single).Bind(data.Schema))];
        PreferenceObjective? known = ObjectiveNote.Find(bound[Margin]);
        PreferenceObjective objective = known ?? ObjectiveNote.OfMargins;
        DataViewSchema.Column? terms = known is null ? null : LossTerms(data.Schema, columns, known);
        PairNumbers numbers = PairNumbers.ForEvaluation(data.Schema, columns, objective.Margin);
        using DataViewRowCursor cursor = data.GetRowCursor(
            [.. bound, .. numbers.Columns, .. terms is { } column ? [column] : Array.Empty<DataViewSchema.Column>()]);
        Func<string, (double Weight, double Offset)> numbersOf = numbers.Reader(cursor);
        LossSums? losses = terms is { } read ? new LossSums(objective, cursor.GetGetter<VBuffer<double>>(read)) : null;
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
            (double weight, double offset) = numbersOf($"row {rows + 1}");
            if (weight == 0)
                continue;
            for (int i = 0; i < getters.Length; i++)
                getters[i](ref values[i]);
            float margin = values[Margin];
            if (float.IsNaN(margin))
            {
                sums[Unscored]++;
                continue;
            }
            sums[Count]++;
            sums[Weight] += weight;
            sums[Squares] += weight * weight;
            sums[Right] += weight * RewardAccuracy.Of(margin, 0);
            ScoredPair scores = new(values[ChosenLogProb], values[RejectedLogProb], values[ChosenReward], values[RejectedReward], margin);
            if (losses is null)
                sums[Loss] += weight * objective.OfScores(scores, offset);
            else
                losses.Add(weight, offset);
            for (int i = 0; i < values.Length; i++)
                sums[i] += weight * values[i];
        }
        RankAgreement.Require(communicator, [new("Pairs to evaluate", InvariantText.Of(rows))]);
        if (losses is not null)
            sums[Loss] = losses.Sum(communicator);
        return sums;
    }

    private static DataViewSchema.Column? LossTerms(DataViewSchema schema, ScoreColumns columns, PreferenceObjective objective)
    {
        if (schema.GetColumnOrNull(columns.LossTerms) is not { } column)
            return null; // of scores that were kept without it
        VectorDataViewType expected = new(NumberDataViewType.Double, PairTerms.Width(objective.Loss.Statistics));
        return column.Type.Equals(expected) ? column : throw new InvalidOperationException(
            $"Column '{columns.LossTerms}' is {column.Type}, but loss {objective.Loss.Name} takes {expected}. Score the pairs again, or leave the column out.");
    }
}
