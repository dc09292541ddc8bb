using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Training;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Averages over scored pairs.</summary>
internal static class PreferenceEvaluator
{
    public static PreferenceMetrics Evaluate(IDataView data, ScoreColumns columns)
    {
        string[] names = [columns.Margin, columns.ChosenReward, columns.RejectedReward, columns.ChosenLogProb, columns.RejectedLogProb];
        DataViewSchema.Column[] bound = [.. names.Select(name => new InputColumn(name, NumberDataViewType.Single).Bind(data.Schema))];
        using DataViewRowCursor cursor = data.GetRowCursor(bound);
        ValueGetter<float>[] getters = [.. bound.Select(column => cursor.GetGetter<float>(column))];
        double[] sums = new double[names.Length];
        double loss = 0, right = 0;
        long count = 0, unscored = 0;
        float[] values = new float[names.Length];
        while (cursor.MoveNext())
        {
            for (int i = 0; i < getters.Length; i++) getters[i](ref values[i]);
            float margin = values[0];
            if (float.IsNaN(margin))
            {
                unscored++;
                continue;
            }
            count++;
            right += margin > 0 ? 1 : margin == 0 ? 0.5 : 0;
            loss += Softplus(-margin);
            for (int i = 0; i < sums.Length; i++) sums[i] += values[i];
        }
        if (count == 0) throw new InvalidOperationException($"The data has no scored pair to evaluate ({unscored} without a score).");
        (double lower, double upper) = WilsonInterval.Of(right, count);
        return new PreferenceMetrics
        {
            Count = count, UnscoredCount = unscored, Accuracy = right / count, AccuracyLower = lower, AccuracyUpper = upper, MeanMargin = sums[0] / count,
            MeanChosenReward = sums[1] / count, MeanRejectedReward = sums[2] / count, MeanChosenLogProb = sums[3] / count, MeanRejectedLogProb = sums[4] / count,
            Loss = loss / count,
        };
    }

    private static double Softplus(double x) => Math.Max(x, 0) + double.LogP1(Math.Exp(-Math.Abs(x)));
}
