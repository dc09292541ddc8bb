using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>LLaMA-Factory's older rows: <c>output</c> is a list of two answers, the better first.</summary>
internal sealed class OutputPairShape : AnswerShape
{
    private const string Output = "output";

    /// <inheritdoc/>
    public override string Name => "two answers in 'output', the better first";

    /// <inheritdoc/>
    public override bool Matches(SourceRow row) =>
        row.HasText("instruction") && row.HasList(Output) && row.Peek(Output).EnumerateArray().All(answer => answer.ValueKind == JsonValueKind.String);

    /// <inheritdoc/>
    public override void Read(SourceRow row, PairDraft draft, RankingPairs rankings)
    {
        JsonElement answers = row.TakeStored(Output);
        if (answers.GetArrayLength() != 2)
            throw row.At.Fault(BadRowReason.WrongType, Output, $"'{Output}' has {answers.GetArrayLength()} answers; a pair has two, the better first.");
        draft.Add(SourceValue.Read(answers[0], $"{Output}[0]", row.At), SourceValue.Read(answers[1], $"{Output}[1]", row.At));
    }
}
