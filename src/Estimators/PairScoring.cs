using MiniMind.MLNet.Dpo.Training.Batches;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Scoring of pairs as a batch-wise step on a data view.</summary>
internal sealed class PairScoring(PairScorer scorer, PairScoringColumns columns, int vocabularySize, int batchSize) : IBatchComputation
{
    public IReadOnlyList<InputColumn> Inputs => columns.Inputs;

    public IReadOnlyList<OutputColumn> Outputs => columns.Outputs;

    public int BatchSize => batchSize;

    public IReadOnlyList<bool> Known(IReadOnlyList<bool> isActive)
    {
        int[] read = [.. columns.Outputs.Zip(isActive).Where(output => output.Second).SelectMany(output => output.First.Sources)];
        return [.. columns.Outputs.Select((output, i) => (i < PairScoringColumns.ChosenReward || WithRewards(isActive)) && output.Sources.All(read.Contains))];
    }

    public IRowBatch CreateBatch(InputRow row, IReadOnlyList<bool> isActive)
    {
        bool withRewards = WithRewards(isActive);
        if (withRewards && !scorer.HasRewards)
        {
            throw new InvalidOperationException(
                "Rewards, margins and probabilities need the reference model, which this transformer was saved or trained without. " +
                $"Only '{columns.Outputs[PairScoringColumns.ChosenLogProb].Name}' and '{columns.Outputs[PairScoringColumns.RejectedLogProb].Name}' can be " +
                    $"had; set KeepReference in the trainer's options for the rest.");
        }

        Func<string, Response>? Reader(ResponseColumns side, int first) => IsNeeded(first, isActive) ? side.Reader(row, first, vocabularySize) : null;
        return new PairScoringBatch(
            scorer, columns.TermCount, row, Reader(columns.Chosen, PairScoringColumns.FirstChosenInput),
                Reader(columns.Rejected, PairScoringColumns.FirstRejectedInput), withRewards);
    }

    private static bool WithRewards(IReadOnlyList<bool> isActive) => isActive.Skip(PairScoringColumns.ChosenReward).Contains(true);

    private bool IsNeeded(int input, IReadOnlyList<bool> isActive) =>
        columns.Outputs.Zip(isActive).Any(output => output.Second && output.First.Sources.Contains(input));
}
