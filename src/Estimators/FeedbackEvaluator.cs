using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Validation;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Averages over scored answers.</summary>
internal static class FeedbackEvaluator
{
    private const int RowsInTurn = 16; // scoring's default batch, so that no rank computes another one's

    /// <summary>Reads this rank's part of the rows, and gives every rank the averages over all.</summary>
    /// <param name="data">Scored rows.</param>
    /// <param name="columns">The scores' names.</param>
    /// <param name="verdict">The name of the verdict.</param>
    /// <param name="baseline">The baseline z, nats; <see langword="null"/> for the one that is noted at the rewards.</param>
    /// <param name="communicator">Connects the ranks.</param>
    public static FeedbackMetrics Evaluate(IDataView data, FeedbackScoreColumns columns, string verdict, double? baseline, ICommunicator communicator)
    {
        DataViewSchema.Column[] bound = [.. new[] { columns.Reward, columns.LogProb }
            .Select(name => new InputColumn(name, NumberDataViewType.Single).Bind(data.Schema)), FeedbackReader.Verdict(verdict).Bind(data.Schema)];
        WeightColumn.Refuse(data.Schema, FeedbackReader.NoWeights);
        FeedbackNote? note = FeedbackNote.Find(bound[0]);
        (List<double> own, long rows) = Read(data, bound, communicator);
        RankAgreement.Require(communicator, [new("Answers to evaluate", InvariantText.Of(rows))]);
        double[] all = [.. communicator.AllGather(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(own)))
            .SelectMany(part => MemoryMarshal.Cast<byte, double>(part).ToArray())];
        double[][] scored = [.. all.Chunk(3).Where(row => !double.IsNaN(row[0]))];
        long unscored = all.Length / 3 - scored.Length;
        if (scored.Length == 0)
            throw new InvalidOperationException($"The data has no scored answer to evaluate ({unscored} without a score).");
        double z = baseline ?? note?.Baseline ?? 0;
        FeedbackAverages averages = FeedbackAverages.Of(
            [.. scored.Select(row => row[0])], [.. scored.Select(row => row[1])], [.. scored.Select(row => row[2] != 0)], note?.Objective, z);
        (double lower, double upper) = WilsonInterval.Of(averages.Right, scored.Length);
        return new FeedbackMetrics
        {
            Count = scored.Length, UnscoredCount = unscored, GoodCount = averages.Good, BadCount = averages.Bad,
            Accuracy = averages.Right / scored.Length, AccuracyLower = lower, AccuracyUpper = upper, AreaUnderRocCurve = averages.Area,
            MeanGoodReward = averages.GoodReward, MeanBadReward = averages.BadReward, MeanGoodLogProb = averages.GoodLogProb,
            MeanBadLogProb = averages.BadLogProb, Loss = averages.Loss, Baseline = z,
        };
    }

    private static (List<double> Scores, long Rows) Read(IDataView data, DataViewSchema.Column[] bound, ICommunicator communicator)
    {
        using DataViewRowCursor cursor = data.GetRowCursor(bound);
        ValueGetter<float> rewardOf = cursor.GetGetter<float>(bound[0]), logProbOf = cursor.GetGetter<float>(bound[1]);
        ValueGetter<bool> verdictOf = cursor.GetGetter<bool>(bound[2]);
        List<double> scores = []; // reward, log-probability, verdict
        float reward = 0, logProb = 0;
        bool isGood = false;
        long rows = 0;
        for (; cursor.MoveNext(); rows++)
        {
            if (rows / RowsInTurn % communicator.Size != communicator.Rank)
                continue;
            if (rows % RowsInTurn == 0)
                communicator.Activity.Report($"the evaluation, answer {rows + 1}");
            rewardOf(ref reward);
            logProbOf(ref logProb);
            verdictOf(ref isGood);
            scores.AddRange([reward, logProb, isGood ? 1 : 0]);
        }
        return (scores, rows);
    }
}
