using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Transforms.Rows;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>The columns that scoring single answers reads and adds.</summary>
internal sealed class FeedbackScoringColumns
{
    /// <summary>Places of the outputs.</summary>
    public const int LogProb = 0, Reward = 1, PredictedLabel = 2;

    public FeedbackScoringColumns(FeedbackColumns inputs, FeedbackScoreColumns outputs, FeedbackNote note)
    {
        Response = inputs.Response;
        Inputs = [.. Response.Inputs];
        int[] all = [.. Enumerable.Range(0, Inputs.Count)];
        Outputs =
        [
            new(outputs.LogProb, NumberDataViewType.Single, all), new(outputs.Reward, NumberDataViewType.Single, all) { Note = note.ToNote() },
            new(outputs.PredictedLabel, BooleanDataViewType.Instance, all),
        ];
    }

    public ResponseColumns Response { get; }

    public IReadOnlyList<InputColumn> Inputs { get; }

    public IReadOnlyList<OutputColumn> Outputs { get; }
}
