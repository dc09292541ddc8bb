using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>The columns that scoring pairs reads and adds.</summary>
internal sealed class PairScoringColumns
{
    /// <summary>Places of the outputs.</summary>
    public const int ChosenLogProb = 0, RejectedLogProb = 1, ChosenReward = 2, RejectedReward = 3, Margin = 4, Probability = 5, PredictedLabel = 6;

    public PairScoringColumns(PairColumns inputs, ScoreColumns outputs)
    {
        Chosen = new ResponseColumns(inputs.ChosenInputIds, inputs.ChosenLabels, inputs.ChosenLossMask);
        Rejected = new ResponseColumns(inputs.RejectedInputIds, inputs.RejectedLabels, inputs.RejectedLossMask);
        Inputs = [.. Chosen.Inputs, .. Rejected.Inputs];
        int[] all = [0, 1, 2, 3, 4, 5];
        OutputColumn Single(string name) => new(name, NumberDataViewType.Single, all);
        Outputs =
        [
            Single(outputs.ChosenLogProb), Single(outputs.RejectedLogProb), Single(outputs.ChosenReward), Single(outputs.RejectedReward),
            Single(outputs.Margin), Single(outputs.Probability), new(outputs.PredictedLabel, BooleanDataViewType.Instance, all),
        ];
    }

    public ResponseColumns Chosen { get; }

    public ResponseColumns Rejected { get; }

    public IReadOnlyList<InputColumn> Inputs { get; }

    public IReadOnlyList<OutputColumn> Outputs { get; }
}
