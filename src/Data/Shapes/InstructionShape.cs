namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>Alpaca's rows: <c>instruction</c>, and <c>input</c> on the next line where it is not empty, as LLaMA-Factory joins them.</summary>
internal sealed class InstructionShape : PromptShape
{
    private const string Instruction = "instruction";
    private const string Input = "input";

    /// <inheritdoc/>
    public override string Name => $"the prompt in '{Instruction}' and '{Input}'";

    /// <inheritdoc/>
    public override bool Matches(SourceRow row) => row.Has(Instruction);

    /// <inheritdoc/>
    public override void Read(SourceRow row, PairDraft draft)
    {
        SourceValue instruction = row.Take(Instruction);
        draft.Prompt = instruction.Text is { } text && row.HasText(Input) && row.Take(Input).Text is { } input
            ? SourceValue.Of($"{text}\n{input}")
            : instruction;
    }
}
