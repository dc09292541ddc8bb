namespace MiniMind.MLNet.Dpo.ChatTemplates.Nodes;

/// <summary>What a <c>set</c>, <c>for</c> or <c>with</c> puts values into.</summary>
internal abstract class AssignmentTarget
{
    public abstract void Assign(RenderContext context, Scope scope, object? value);

    /// <summary>The value as the target holds it: Jinja's loops with a filter hand on what was unpacked, packed anew.</summary>
    public virtual object? Repack(RenderContext context, object? value) => value;
}
