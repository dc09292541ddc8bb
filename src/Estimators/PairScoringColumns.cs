using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Training.Losses;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>The columns that scoring pairs reads and adds.</summary>
internal sealed class PairScoringColumns
{
    /// <summary>Places of the outputs.</summary>
    public const int ChosenLogProb = 0, RejectedLogProb = 1, ChosenReward = 2, RejectedReward = 3, Margin = 4, Probability = 5, PredictedLabel = 6,
        LossTerms = 7;

    /// <summary>Places of each side's three inputs.</summary>
    public const int FirstChosenInput = 0, FirstRejectedInput = 3;

    public PairScoringColumns(PairColumns inputs, ScoreColumns outputs, PreferenceObjective objective)
    {
        Chosen = new ResponseColumns(inputs.ChosenInputIds, inputs.ChosenLabels, inputs.ChosenLossMask);
        Rejected = new ResponseColumns(inputs.RejectedInputIds, inputs.RejectedLabels, inputs.RejectedLossMask);
        Inputs = [.. Chosen.Inputs, .. Rejected.Inputs];
        int[] chosen = [0, 1, 2], rejected = [3, 4, 5], both = [.. chosen, .. rejected];
        Outputs =
        [
            new(outputs.ChosenLogProb, NumberDataViewType.Single, chosen), new(outputs.RejectedLogProb, NumberDataViewType.Single, rejected),
            new(outputs.ChosenReward, NumberDataViewType.Single, chosen), new(outputs.RejectedReward, NumberDataViewType.Single, rejected),
            new(outputs.Margin, NumberDataViewType.Single, both) { Note = ObjectiveNote.Of(objective) },
                new(outputs.Probability, NumberDataViewType.Single, both),
            new(outputs.PredictedLabel, BooleanDataViewType.Instance, both),
            new(outputs.LossTerms, new VectorDataViewType(NumberDataViewType.Double, PairTerms.Width(objective.Loss.Statistics)), both),
        ];
    }

    /// <summary>How many numbers <see cref="LossTerms"/> has.</summary>
    public int TermCount => ((VectorDataViewType)Outputs[LossTerms].Type).Size;

    public ResponseColumns Chosen { get; }

    public ResponseColumns Rejected { get; }

    public IReadOnlyList<InputColumn> Inputs { get; }

    public IReadOnlyList<OutputColumn> Outputs { get; }
}
