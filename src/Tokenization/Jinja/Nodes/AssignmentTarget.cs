namespace MiniMind.MLNet.Dpo.Tokenization.Jinja.Nodes;

/// <summary>What a <c>set</c>, <c>for</c> or <c>with</c> puts values into.</summary>
internal abstract class AssignmentTarget
{
    public abstract void Assign(RenderContext context, Scope scope, object? value);
}
