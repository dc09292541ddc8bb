namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary>What a block rendered, as the value that the filters of a <c>filter</c> or <c>set</c> block start from.</summary>
internal sealed class CapturedText : Expression
{
    private readonly int _number;

    /// <summary>Reads the text under the number of the name where the block leaves it.</summary>
    public CapturedText(int offset, int number)
        : base(offset) => _number = number;

    protected override object? EvaluateInside(RenderContext context, Scope scope) => scope.Find(_number);
}
