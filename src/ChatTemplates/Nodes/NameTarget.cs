namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary>A variable as target.</summary>
internal sealed class NameTarget : AssignmentTarget
{
    private readonly int _number;

    public NameTarget(int number) => _number = number;

    public override void Assign(RenderContext context, Scope scope, object? value) => scope.Set(_number, value);
}
